using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Holding;

namespace Tutti.Scheduling;

/// <summary>One experiment in a plan: its place, or why it has none.</summary>
public sealed class PlanEntry
{
    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Its proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; set; }

    /// <summary>Cell design it needs; null: none.</summary>
    public string? CellDesignCode { get; set; }

    /// <summary>Kinds of laboratory equipment it needs.</summary>
    public IReadOnlyList<string> Equipment { get; set; } = [];

    /// <summary>All that the pool is asked for.</summary>
    public IReadOnlyList<Need> Needs => Need.Of(CellDesignCode, Equipment);

    /// <summary>ex-situ, in-situ or operando.</summary>
    public required string Mode { get; set; }

    /// <summary>Whether its proposal makes no sense without it.</summary>
    public required bool Required { get; set; }

    /// <summary>Experiments of its proposal with the same name here are all placed or none; null: it is tied to nothing.</summary>
    public string? Group { get; set; }

    /// <summary>What each of its shifts is worth where it is placed.</summary>
    public required long Value { get; set; }

    /// <summary>Start of its first shift; null: it has no place.</summary>
    public DateTimeOffset? From { get; set; }

    /// <summary>End of its last shift.</summary>
    public DateTimeOffset? To { get; set; }

    /// <summary>Its shifts, in order.</summary>
    public IReadOnlyList<PlacedShift> Shifts { get; set; } = [];

    /// <summary>Why it has no place.</summary>
    public IReadOnlyList<PlanRefusal> Reasons { get; set; } = [];

    /// <summary>The reservations for this place.</summary>
    public IReadOnlyList<Guid> Reservations { get; set; } = [];

    /// <summary>Whether the planner leaves it where it is, or out where it has no place.</summary>
    public bool Locked => Lock != PlacementLock.None;

    /// <summary>Who wants it so.</summary>
    public PlacementLock Lock { get; set; }

    /// <summary>Why it was put there in spite of conflicts; null: nobody had to force it.</summary>
    public string? Forced { get; set; }

    /// <summary>Shifts of each block where it was split; empty: one block.</summary>
    public IReadOnlyList<int> Split { get; set; } = [];

    /// <summary>What the team said to the offer of this place; where it declined, to the offer of the place before.</summary>
    public TeamAnswer Answer { get; set; }

    /// <summary>When it said so.</summary>
    public DateTimeOffset? AnsweredAt { get; set; }

    /// <summary>Who said so; null: nobody, the deadline passed.</summary>
    public Guid? AnsweredBy { get; set; }

    /// <summary>Which offer of the plan asked for the answer; 0: none.</summary>
    public int Offer { get; private set; }

    /// <summary>Until when the team answers; a later offer does not give it more time.</summary>
    public DateTimeOffset? AnswerBy { get; private set; }

    /// <summary>Whether it has a place.</summary>
    public bool IsPlaced => From is not null;

    /// <summary>What its placed shifts are worth.</summary>
    public long Worth => Value * Shifts.Count;

    /// <summary>Takes what a later round says.</summary>
    public void Become(PlanEntry later)
    {
        (InstrumentCode, CellDesignCode, Equipment, Mode, Required, Group, Value) = (later.InstrumentCode, later.CellDesignCode, later.Equipment, later.Mode, later.Required, later.Group, later.Value);
        Put(later.InstrumentCode, later.Shifts, later.Lock, later.Forced);
        Reasons = later.Reasons;
    }

    /// <summary>Is again as a version had it.</summary>
    public void Become(VersionLine line)
    {
        Put(line.InstrumentCode, line.Shifts, line.Lock, line.Forced);
        Reasons = line.Reasons;
    }

    /// <summary>Gets a place; another one than before has not been answered to.</summary>
    public void Put(string instrument, IReadOnlyList<PlacedShift> shifts, PlacementLock @lock, string? forced)
    {
        if (!IsAt(instrument, shifts)) (Answer, AnsweredAt, AnsweredBy, Offer, AnswerBy) = (TeamAnswer.None, null, null, 0, null);
        (InstrumentCode, Shifts, Lock, Forced, Reasons) = (instrument, shifts, @lock, forced, []);
        (From, To) = shifts is [var first, ..] ? (first.Start, shifts[^1].End) : ((DateTimeOffset?)null, (DateTimeOffset?)null);
        if (shifts.Count > 0) Split = shifts[^1].Block > 0 ? [.. shifts.CountBy(shift => shift.Block).OrderBy(block => block.Key).Select(block => block.Value)] : [];
        else Reservations = [];
    }

    /// <summary>Whether it has just this place.</summary>
    public bool IsAt(string instrument, IReadOnlyList<PlacedShift> shifts) =>
        InstrumentCode == instrument && Shifts.Select(shift => (shift.Start, shift.End, shift.Block)).SequenceEqual(shifts.Select(shift => (shift.Start, shift.End, shift.Block)));

    /// <summary>The team is asked whether it comes, in one offer and until its deadline; with offer 0 it is not asked any more.</summary>
    public void Ask(int offer, DateTimeOffset? answerBy) => (Answer, Offer, AnswerBy) = (offer == 0 ? TeamAnswer.None : TeamAnswer.Asked, offer, answerBy);

    /// <summary>Loses its place.</summary>
    public void Drop(IReadOnlyList<PlanRefusal> reasons, PlacementLock @lock = PlacementLock.None)
    {
        Put(InstrumentCode, [], @lock, null);
        Reasons = reasons;
    }

    /// <summary>The same in a copy of the plan.</summary>
    public PlanEntry CopyTo(Guid plan) => new()
    {
        PlanId = plan, ExperimentId = ExperimentId, ProposalId = ProposalId, InstrumentCode = InstrumentCode, CellDesignCode = CellDesignCode, Equipment = Equipment, Mode = Mode, Required = Required, Group = Group, Value = Value,
        From = From, To = To, Shifts = Shifts, Reasons = Reasons, Reservations = Reservations, Lock = Lock, Forced = Forced, Split = Split, Answer = Answer, AnsweredAt = AnsweredAt, AnsweredBy = AnsweredBy, Offer = Offer, AnswerBy = AnswerBy,
    };
}

/// <summary>What a team says to an offer.</summary>
public enum TeamAnswer
{
    /// <summary>Not asked about this place.</summary>
    None,

    /// <summary>Asked; it has not said anything.</summary>
    Asked,

    /// <summary>It comes.</summary>
    Accepted,

    /// <summary>It cannot come.</summary>
    Declined,

    /// <summary>It said nothing until the deadline, which was agreed to mean yes.</summary>
    AcceptedBySilence,
}

/// <summary>What no answer until the deadline means; told with the offer.</summary>
public enum SilencePolicy
{
    /// <summary>Who says nothing comes.</summary>
    Accepts,

    /// <summary>Who says nothing gives the place back.</summary>
    Declines,
}

/// <summary>Why the planner leaves a placement alone.</summary>
public enum PlacementLock
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>It was made by hand.</summary>
    Moved,

    /// <summary>Somebody locked it: other people do not move it either, unless they force it.</summary>
    Locked,
}
