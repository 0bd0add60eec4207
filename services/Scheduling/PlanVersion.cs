using Tutti.Contracts.Scheduling;

namespace Tutti.Scheduling;

/// <summary>How a version came about.</summary>
public enum PlanVersionKind
{
    /// <summary>A round of the planner.</summary>
    Planned,

    /// <summary>What could not be held was left out after the last round.</summary>
    LeftOut,

    /// <summary>Moved by hand.</summary>
    Move,

    /// <summary>Two placements exchanged.</summary>
    Swap,

    /// <summary>Cut into blocks.</summary>
    Split,

    /// <summary>Made one block again.</summary>
    Merge,

    /// <summary>Placements taken out.</summary>
    Removal,

    /// <summary>Placements locked.</summary>
    Lock,

    /// <summary>Placements unlocked.</summary>
    Unlock,

    /// <summary>Back to an earlier version.</summary>
    Restoration,

    /// <summary>A what-if copy became the plan.</summary>
    Promotion,

    /// <summary>A team declined, or did not answer.</summary>
    Decline,

    /// <summary>An option of repair was chosen.</summary>
    Repair,

    /// <summary>A copy begins.</summary>
    Copy,

    /// <summary>Changes were given up; what was published holds.</summary>
    Discard,

    /// <summary>Placements up to a date were frozen, or let go again.</summary>
    Freeze,
}

/// <summary>The placements of a plan at one moment: who made them so, when and why; never changed.</summary>
public sealed class PlanVersion
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>1, 2, 3, ...</summary>
    public required int Number { get; init; }

    /// <summary>The plan's entity tag from here on.</summary>
    public required int Tag { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who; null: the planner.</summary>
    public Guid? By { get; init; }

    /// <summary>How.</summary>
    public required PlanVersionKind Kind { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>The version that was gone back to, or that was copied.</summary>
    public int? Of { get; init; }

    /// <summary>Codes of the conflicts that were forced.</summary>
    public required IReadOnlyList<string> Forced { get; init; }

    /// <summary>What the placed experiments were worth.</summary>
    public required long Objective { get; init; }

    /// <summary>Experiments with a place.</summary>
    public required int Placed { get; init; }

    /// <summary>Experiments without.</summary>
    public required int Unplaced { get; init; }

    /// <summary>The experiments that somebody changed by hand with it; who see none of them are not told by whom and why.</summary>
    public required IReadOnlyList<Guid> Changed { get; init; }

    /// <summary>One line for each experiment.</summary>
    public required IReadOnlyList<VersionLine> Lines { get; init; }
}

/// <summary>An experiment in a version: its shifts, none where it had no place.</summary>
public sealed record VersionLine(
    Guid ExperimentId, Guid ProposalId, string InstrumentCode, IReadOnlyList<PlacedShift> Shifts, PlacementLock Lock, string? Forced, IReadOnlyList<PlanRefusal> Reasons);

/// <summary>An experiment that somebody does not want at a time, at an instrument, or at all; the planner keeps to it.</summary>
public sealed class PlanForbid
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>The instrument; null: any.</summary>
    public string? InstrumentCode { get; init; }

    /// <summary>From when; null: from the beginning.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Until when; null: to the end.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Who said so.</summary>
    public required Guid By { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who took it back.</summary>
    public Guid? LiftedBy { get; private set; }

    /// <summary>When.</summary>
    public DateTimeOffset? LiftedAt { get; private set; }

    /// <summary>Somebody takes it back; it stays on record.</summary>
    public void Lift(Guid by, DateTimeOffset now) => (LiftedBy, LiftedAt) = (by, now);

    /// <summary>The same for a copy of the plan.</summary>
    public PlanForbid CopyTo(Guid plan, Guid id) => new() { Id = id, PlanId = plan, ExperimentId = ExperimentId, InstrumentCode = InstrumentCode, From = From, To = To, Reason = Reason, By = By, At = At };

    /// <summary>Whether it speaks of shifts at an instrument.</summary>
    public bool Concerns(Guid experiment, string instrument, DateTimeOffset from, DateTimeOffset to) =>
        ExperimentId == experiment && (InstrumentCode is null || InstrumentCode == instrument) && (To is null || from < To) && (From is null || From < to);
}
