using Tutti.Contracts.Proposals;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Holding;
using Tutti.ServiceDefaults;
using static Tutti.Scheduling.ExperimentStatus;

namespace Tutti.Scheduling;

/// <summary>Where a granted experiment stands.</summary>
public enum ExperimentStatus
{
    /// <summary>Has shifts to its credit, but none that are published.</summary>
    Granted,

    /// <summary>Its team was promised shifts.</summary>
    Scheduled,

    /// <summary>Has beam.</summary>
    Running,

    /// <summary>Is over.</summary>
    Done,

    /// <summary>Its proposal was withdrawn.</summary>
    Cancelled,
}

/// <summary>What can happen to an experiment.</summary>
public enum ExperimentAction
{
    /// <summary>A plan that has it is published.</summary>
    Schedule,

    /// <summary>Staff report that it has beam.</summary>
    Start,

    /// <summary>Staff report that it is over.</summary>
    Finish,

    /// <summary>Its proposal is withdrawn.</summary>
    Cancel,

    /// <summary>A later version of its plan gives it other shifts.</summary>
    Reschedule,

    /// <summary>A later version of its plan has no shifts for it.</summary>
    Unplace,
}

/// <summary>One shift of an experiment: both instants in UTC, how the site calls it, and to which block it belongs where the experiment was split.</summary>
public sealed record PlacedShift(DateTimeOffset Start, DateTimeOffset End, string Label, int Block = 0);

/// <summary>What matters to a team beside the number of shifts.</summary>
public sealed record ExperimentWishes
{
    /// <summary>The sample, which cannot be at two experiments at once.</summary>
    public Guid? SampleId { get; init; }

    /// <summary>Whether any instrument of the same main technique as its own would do.</summary>
    public bool AnyInstrument { get; init; }

    /// <summary>Name shared by experiments of its proposal, none of them required, of which all are to get a place or none; null: tied to no other.</summary>
    public string? Group { get; init; }

    /// <summary>The fewest shifts with which the team agreed to be content; null: it wants all that were granted.</summary>
    public int? MinShifts { get; init; }

    /// <summary>When it would rather come; empty: at any time.</summary>
    public IReadOnlyList<DateInterval> Preferred { get; init; } = [];

    /// <summary>When it cannot come.</summary>
    public IReadOnlyList<DateInterval> Unacceptable { get; init; } = [];
}

/// <summary>One granted experiment: what was granted, the shifts, the cell and the equipment that were promised, and what became of them.</summary>
public sealed class Experiment
{
    private Experiment()
    {
    }

    /// <summary>Id, made by the team.</summary>
    public Guid Id { get; private set; }

    /// <summary>Its proposal.</summary>
    public Guid ProposalId { get; private set; }

    /// <summary>The call of the proposal.</summary>
    public Guid CallId { get; private set; }

    /// <summary>Short title.</summary>
    public string Title { get; private set; } = "";

    /// <summary>The instrument for which it was granted.</summary>
    public string GrantedInstrument { get; private set; } = "";

    /// <summary>Where it was promised shifts, be that another of the same technique; else the one for which it was granted.</summary>
    public string InstrumentCode { get; private set; } = "";

    /// <summary>Granted shifts.</summary>
    public int Shifts { get; private set; }

    /// <summary>ex-situ, in-situ or operando.</summary>
    public string Mode { get; private set; } = "";

    /// <summary>Cell design asked from the pool; null: none needed.</summary>
    public string? CellDesignCode { get; private set; }

    /// <summary>Kinds of laboratory equipment it needs.</summary>
    public IReadOnlyList<string> Equipment { get; private set; } = [];

    /// <summary>Whether the proposal makes no sense without it.</summary>
    public bool Required { get; private set; }

    /// <summary>Experiments that must be over before this one, with gaps.</summary>
    public IReadOnlyList<ExperimentOrder> After { get; private set; } = [];

    /// <summary>What its team said of when, and with how little, it would come.</summary>
    public ExperimentWishes Wishes { get; private set; } = new();

    /// <summary>Where it stands.</summary>
    public ExperimentStatus Status { get; private set; }

    /// <summary>The plan that gave it its shifts.</summary>
    public Guid? PlanId { get; private set; }

    /// <summary>Start of the first promised shift.</summary>
    public DateTimeOffset? From { get; private set; }

    /// <summary>End of the last promised shift.</summary>
    public DateTimeOffset? To { get; private set; }

    /// <summary>The promised shifts, in order.</summary>
    public IReadOnlyList<PlacedShift> PlacedShifts { get; private set; } = [];

    /// <summary>The reservations that hold what it needs.</summary>
    public IReadOnlyList<Guid> Reservations { get; private set; } = [];

    /// <summary>The cell held for it.</summary>
    public string? CellCode { get; private set; }

    /// <summary>The equipment held for it.</summary>
    public IReadOnlyList<HeldEquipment> HeldEquipment { get; private set; } = [];

    /// <summary>All that is held for it.</summary>
    public Held Held => new(CellCode, HeldEquipment);

    /// <summary>When it got beam.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>When it was over.</summary>
    public DateTimeOffset? FinishedAt { get; private set; }

    /// <summary>Shifts measured.</summary>
    public int? ShiftsUsed { get; private set; }

    /// <summary>Everything that was promised and what became of it; never changed.</summary>
    public List<ExperimentChange> History { get; private set; } = [];

    /// <summary>Grows with every event about it.</summary>
    public int Revision { get; private set; }

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>Has shifts at an instrument that nobody else can have.</summary>
    public bool HoldsShifts => Status is Scheduled or Running or Done;

    /// <summary>An experiment that a decision grants.</summary>
    public static Experiment Grant(Guid proposalId, Guid callId, ExperimentRequest granted)
    {
        var experiment = new Experiment { Id = granted.ExperimentId, ProposalId = proposalId, CallId = callId };
        experiment.Regrant(granted);
        return experiment;
    }

    /// <summary>A later revision of the grant; what was promised already stays.</summary>
    public void Regrant(ExperimentRequest granted)
    {
        if (Status is not (Granted or Cancelled)) return;
        (Title, GrantedInstrument, InstrumentCode, Shifts, Mode) = (granted.Title, granted.InstrumentCode, granted.InstrumentCode, granted.Shifts, granted.Mode);
        (CellDesignCode, Equipment, Required, After) = (granted.CellDesignCode, [.. (granted.Equipment ?? []).Distinct().Order(StringComparer.Ordinal)], granted.Required, granted.After);
        Wishes = new()
        {
            SampleId = granted.SampleId, AnyInstrument = granted.AnyInstrument ?? false, Group = granted.Group, MinShifts = granted.MinShifts, Preferred = granted.Preferred ?? [],
            Unacceptable = granted.Unacceptable ?? [],
        };
    }

    /// <summary>The shifts become a promise.</summary>
    public void Schedule(PlanEntry entry, Held held, Guid by, Guid changeId, DateTimeOffset now)
    {
        (PlanId, InstrumentCode, From, To, PlacedShifts) = (entry.PlanId, entry.InstrumentCode, entry.From, entry.To, entry.Shifts);
        (Reservations, CellCode, HeldEquipment) = (entry.Reservations, held.CellCode, held.Equipment);
        Do(ExperimentAction.Schedule, by, null, changeId, now);
    }

    /// <summary>Other shifts are promised in place of those before.</summary>
    public void Reschedule(PlanEntry entry, Held held, Guid by, string reason, Guid changeId, DateTimeOffset now)
    {
        (InstrumentCode, From, To, PlacedShifts) = (entry.InstrumentCode, entry.From, entry.To, entry.Shifts);
        (Reservations, CellCode, HeldEquipment) = (entry.Reservations, held.CellCode, held.Equipment);
        Do(ExperimentAction.Reschedule, by, reason, changeId, now);
    }

    /// <summary>The promised shifts are taken back; it waits for others.</summary>
    public void Unplace(Guid by, string reason, Guid changeId, DateTimeOffset now)
    {
        Do(ExperimentAction.Unplace, by, reason, changeId, now);
        (InstrumentCode, From, To, PlacedShifts, Reservations, CellCode, HeldEquipment) = (GrantedInstrument, null, null, [], [], null, []);
    }

    /// <summary>It has beam.</summary>
    public void Start(Guid by, Guid changeId, DateTimeOffset now)
    {
        if (Status == Granted) throw new RuleViolation("experiment.not-scheduled", "The experiment has no published shifts.");
        if (Status is Running or Done) throw new RuleViolation("experiment.already-started", $"The experiment has been started at {StartedAt:u}.");
        Do(ExperimentAction.Start, by, null, changeId, now);
        StartedAt = now;
    }

    /// <summary>It is over.</summary>
    public void Finish(int shiftsUsed, Guid by, Guid changeId, DateTimeOffset now)
    {
        if (Status is Granted or Scheduled) throw new RuleViolation("experiment.not-started", "The experiment has not been started.");
        if (Status == Done) throw new RuleViolation("experiment.already-finished", $"The experiment has been finished at {FinishedAt:u}.");
        Do(ExperimentAction.Finish, by, null, changeId, now);
        (FinishedAt, ShiftsUsed) = (now, shiftsUsed);
    }

    /// <summary>The proposal is withdrawn: the shifts are free again, the history keeps them. One that is over stays so; tells whether anything changed.</summary>
    public bool Cancel(string reason, Guid changeId, DateTimeOffset at)
    {
        if (StatusAfter(Status, ExperimentAction.Cancel) is null) return false;
        Do(ExperimentAction.Cancel, null, reason, changeId, at);
        (From, To, PlacedShifts, Reservations, CellCode, HeldEquipment) = (null, null, [], [], null, []);
        return true;
    }

    /// <summary>The pool has taken back the promised cell or equipment; the shifts stay.</summary>
    public void Lose(Need lost, string reason, Guid changeId, DateTimeOffset at)
    {
        var left = lost.Kind switch
        {
            ReservationKind.Cell => Held with { CellCode = null },
            ReservationKind.Equipment => Held with { Equipment = [.. HeldEquipment.Where(one => one.Kind != lost.Code)] },
        };
        if (left.IsSameAs(Held) || Status != Scheduled) return;
        History.Add(Line(changeId, Status, null, reason, at));
        (CellCode, HeldEquipment) = (left.CellCode, left.Equipment);
    }

    /// <summary>The next revision number, for an event about this experiment.</summary>
    public int NextRevision() => ++Revision;

    /// <summary>The promised shifts as told to the other services.</summary>
    public IReadOnlyList<ShiftInterval> Intervals() => [.. PlacedShifts.Select(shift => new ShiftInterval { Start = shift.Start, End = shift.End })];

    private void Do(ExperimentAction action, Guid? by, string? reason, Guid changeId, DateTimeOffset at)
    {
        var next = StatusAfter(Status, action) ?? throw new RuleViolation("experiment.wrong-status", $"An experiment that is {Status.Word()} does not allow: {action.Word()}.");
        History.Add(Line(changeId, next, by, reason, at));
        Status = next;
    }

    private ExperimentChange Line(Guid id, ExperimentStatus next, Guid? by, string? reason, DateTimeOffset at) => new()
    {
        Id = id, ExperimentId = Id, Before = Status, After = next, At = at, By = by, Reason = reason, PlanId = PlanId, InstrumentCode = InstrumentCode, Shifts = PlacedShifts, CellCode = CellCode, Equipment = HeldEquipment,
    };

    private static ExperimentStatus? StatusAfter(ExperimentStatus status, ExperimentAction action) => (status, action) switch
    {
        (Granted, ExperimentAction.Schedule) => Scheduled,
        (Granted, ExperimentAction.Cancel) => Cancelled,
        (Granted, _) => null,
        (Scheduled, ExperimentAction.Start) => Running,
        (Scheduled, ExperimentAction.Reschedule) => Scheduled,
        (Scheduled, ExperimentAction.Unplace) => Granted,
        (Scheduled, ExperimentAction.Cancel) => Cancelled,
        (Scheduled, _) => null,
        (Running, ExperimentAction.Finish) => Done,
        (Running, ExperimentAction.Cancel) => Cancelled,
        (Running, _) => null,
        (Done, _) => null,
        (Cancelled, _) => null,
    };
}

/// <summary>One line of an experiment's history, with the shifts, the cell and the equipment it had at that moment; never changed.</summary>
public sealed class ExperimentChange
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Status before.</summary>
    public required ExperimentStatus Before { get; init; }

    /// <summary>Status after.</summary>
    public required ExperimentStatus After { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who; null: followed from an event.</summary>
    public Guid? By { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>The plan that promised the shifts.</summary>
    public Guid? PlanId { get; init; }

    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>The shifts.</summary>
    public required IReadOnlyList<PlacedShift> Shifts { get; init; }

    /// <summary>The cell.</summary>
    public string? CellCode { get; init; }

    /// <summary>The equipment.</summary>
    public IReadOnlyList<HeldEquipment> Equipment { get; init; } = [];
}
