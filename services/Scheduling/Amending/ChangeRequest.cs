using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Amending;

/// <summary>What became of a request.</summary>
public enum ChangeRequestStatus
{
    /// <summary>Not every site has answered.</summary>
    Asked,

    /// <summary>Made, with the consent of every site it touches.</summary>
    Made,

    /// <summary>A site does not want it.</summary>
    Refused,
}

/// <summary>A change that touches another site: made once that site's staff, or the user office, agrees.</summary>
public sealed class ChangeRequest
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>Who asks.</summary>
    public required Guid By { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What kind of change.</summary>
    public required PlanVersionKind Kind { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Whether it is to be made in spite of conflicts.</summary>
    public required bool Force { get; init; }

    /// <summary>The version it was based on.</summary>
    public required int BasedOn { get; init; }

    /// <summary>The earlier version it goes back to.</summary>
    public int? Of { get; init; }

    /// <summary>The new placements.</summary>
    public required IReadOnlyList<Placing> Placings { get; init; }

    /// <summary>What it was known to conflict with when it was asked for: no other conflict is forced.</summary>
    public required IReadOnlyList<string> Conflicts { get; init; }

    /// <summary>The copy that becomes the plan by it.</summary>
    public Guid? CopyId { get; init; }

    /// <summary>The sites asked.</summary>
    public required IReadOnlyList<string> Sites { get; init; }

    /// <summary>The sites for which the one who asks may decide.</summary>
    public required IReadOnlyList<string> OwnSites { get; init; }

    /// <summary>Those that have agreed.</summary>
    public IReadOnlyList<string> Agreed { get; private set; } = [];

    /// <summary>What became of it.</summary>
    public ChangeRequestStatus Status { get; private set; }

    /// <summary>Who decided last.</summary>
    public Guid? DecidedBy { get; private set; }

    /// <summary>When.</summary>
    public DateTimeOffset? DecidedAt { get; private set; }

    /// <summary>What they said.</summary>
    public string? Answer { get; private set; }

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>Some of the sites agree; tells whether all have.</summary>
    public bool Agree(IEnumerable<string> sites, Guid by, string? answer, DateTimeOffset now)
    {
        RequireAsked();
        (Agreed, DecidedBy, DecidedAt, Answer) = ([.. Agreed.Union(sites).Order(StringComparer.Ordinal)], by, now, answer);
        return Sites.All(Agreed.Contains);
    }

    /// <summary>It was made.</summary>
    public void Make() => Status = ChangeRequestStatus.Made;

    /// <summary>A site does not want it.</summary>
    public void Refuse(Guid by, string answer, DateTimeOffset now)
    {
        RequireAsked();
        (Status, DecidedBy, DecidedAt, Answer) = (ChangeRequestStatus.Refused, by, now, answer);
    }

    private void RequireAsked()
    {
        if (Status != ChangeRequestStatus.Asked) throw new RuleViolation("change.decided", $"The request is {Status.Word()} already.");
    }
}

/// <summary>A new place for an experiment; without shifts it loses the one it has, for the reasons given or else because somebody wanted it so.</summary>
public sealed record Placing(Guid ExperimentId, string InstrumentCode, IReadOnlyList<PlacedShift> Shifts, PlacementLock Lock = PlacementLock.Moved, IReadOnlyList<PlanRefusal>? Reasons = null);
