using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Allocating;
using Tutti.ServiceDefaults;
using static Tutti.Scheduling.CallPlanStatus;

namespace Tutti.Scheduling;

/// <summary>How far a plan has come.</summary>
public enum CallPlanStatus
{
    /// <summary>Asked for.</summary>
    Requested,

    /// <summary>The planner works on it.</summary>
    Solving,

    /// <summary>The pool was asked for cells.</summary>
    Reserving,

    /// <summary>Everything placed is held; the user office may publish it.</summary>
    Ready,

    /// <summary>A promise to the teams.</summary>
    Published,

    /// <summary>It could not be made; it can be asked for again.</summary>
    Failed,

    /// <summary>Given up, or another one was asked for in its place.</summary>
    Superseded,
}

/// <summary>What can happen to a plan.</summary>
public enum CallPlanAction
{
    /// <summary>The planner begins a round.</summary>
    Solve,

    /// <summary>The planner has placed what it could; cells are asked for.</summary>
    Reserve,

    /// <summary>Everything placed is held.</summary>
    Complete,

    /// <summary>The user office publishes it.</summary>
    Publish,

    /// <summary>It cannot be made.</summary>
    Fail,

    /// <summary>It is given up.</summary>
    Supersede,
}

/// <summary>A plan of all granted experiments of a call that have no shifts yet: placements, what could not be placed and why, and the way it came about.</summary>
public sealed class CallPlan
{
    private CallPlan()
    {
    }

    /// <summary>Id.</summary>
    public Guid Id { get; private set; }

    /// <summary>The call.</summary>
    public Guid CallId { get; private set; }

    /// <summary>How far it has come.</summary>
    public CallPlanStatus Status { get; private set; }

    /// <summary>How often the planner has solved it.</summary>
    public int Round { get; private set; }

    /// <summary>Who asked for it.</summary>
    public Guid RequestedBy { get; private set; }

    /// <summary>When it was asked for; nothing is placed earlier.</summary>
    public DateTimeOffset RequestedAt { get; private set; }

    /// <summary>The worker that has it in hand; null: none.</summary>
    public Guid? LeaseOwner { get; private set; }

    /// <summary>Until when, unless renewed.</summary>
    public DateTimeOffset? LeaseUntil { get; private set; }

    /// <summary>How often in a row a worker took it in hand and never came back.</summary>
    public int Attempts { get; private set; }

    /// <summary>What it was made from.</summary>
    public PlanInputs Inputs { get; private set; } = PlanInputs.None;

    /// <summary>What the planner said of the latest round: optimal or feasible.</summary>
    public string? SolverStatus { get; private set; }

    /// <summary>What the placed experiments are worth.</summary>
    public long? Objective { get; private set; }

    /// <summary>No plan of the latest round's problem is worth more.</summary>
    public long? Bound { get; private set; }

    /// <summary>Why it failed: a stable code.</summary>
    public string? FailureCode { get; private set; }

    /// <summary>The same in words.</summary>
    public string? FailureText { get; private set; }

    /// <summary>When it was published.</summary>
    public DateTimeOffset? PublishedAt { get; private set; }

    /// <summary>One line for each experiment.</summary>
    public List<PlanEntry> Entries { get; private set; } = [];

    /// <summary>Every status it ever had.</summary>
    public List<CallPlanChange> History { get; private set; } = [];

    /// <summary>Grows with every event about it.</summary>
    public int Revision { get; private set; }

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>Whether it can still become a promise.</summary>
    public bool IsOpen => Status is Requested or Solving or Reserving or Ready;

    /// <summary>A plan that somebody asks for.</summary>
    public static CallPlan Request(Guid id, Guid callId, Guid by, DateTimeOffset now) =>
        new() { Id = id, CallId = callId, Status = Requested, RequestedBy = by, RequestedAt = now };

    /// <summary>The planner begins a round, or begins it again after a worker was lost.</summary>
    public void Solve(Guid changeId, DateTimeOffset now)
    {
        if (Status != Solving) Do(CallPlanAction.Solve, null, null, changeId, now);
    }

    /// <summary>The planner's answer, one entry for each experiment; cells are to be asked for now.</summary>
    public void Place(IReadOnlyList<PlanEntry> answer, PlanInputs inputs, string solverStatus, long bound, Guid changeId, DateTimeOffset now)
    {
        Entries.RemoveAll(entry => answer.All(one => one.ExperimentId != entry.ExperimentId));
        foreach (var one in answer)
            if (Entries.Find(entry => entry.ExperimentId == one.ExperimentId) is { } entry) entry.Become(one);
            else Entries.Add(one);
        Round++;
        (Inputs, SolverStatus, Bound, Objective) = (inputs, solverStatus, bound, Worth());
        Do(CallPlanAction.Reserve, null, null, changeId, now);
    }

    /// <summary>Takes experiments out that cannot be held, and what makes no sense without them.</summary>
    public void Drop(IReadOnlyDictionary<Guid, IReadOnlyList<PlanRefusal>> refused, IReadOnlySet<Guid> begunProposals)
    {
        var incomplete = Entries.Where(entry => entry.Required && refused.ContainsKey(entry.ExperimentId) && !begunProposals.Contains(entry.ProposalId)).Select(entry => entry.ProposalId).ToHashSet();
        foreach (var entry in Entries.Where(entry => entry.IsPlaced))
            if (refused.TryGetValue(entry.ExperimentId, out var reasons)) entry.Drop(reasons);
            else if (incomplete.Contains(entry.ProposalId)) entry.Drop([Reasons.Of(Planning.UnplacedReasons.ProposalIncomplete)]);
        (Objective, SolverStatus) = (Worth(), "feasible");
    }

    /// <summary>Everything placed is held.</summary>
    public void Complete(Guid changeId, DateTimeOffset now) => Do(CallPlanAction.Complete, null, null, changeId, now);

    /// <summary>It becomes a promise.</summary>
    public void Publish(Guid by, Guid changeId, DateTimeOffset now)
    {
        if (Status != Ready) throw new RuleViolation("plan.not-ready", $"A plan that is {Status} cannot be published.");
        Do(CallPlanAction.Publish, by, null, changeId, now);
        (PublishedAt, Revision) = (now, Revision + 1);
    }

    /// <summary>It cannot be made.</summary>
    public void Fail(string code, string text, Guid changeId, DateTimeOffset now)
    {
        Do(CallPlanAction.Fail, null, code, changeId, now);
        (FailureCode, FailureText) = (code, text);
        Free();
    }

    /// <summary>It is given up.</summary>
    public void Supersede(Guid by, string reason, Guid changeId, DateTimeOffset now)
    {
        if (!IsOpen) throw new RuleViolation("plan.not-open", $"A plan that is {Status} cannot be given up.");
        Do(CallPlanAction.Supersede, by, reason, changeId, now);
        Free();
    }

    /// <summary>No worker has it in hand any more.</summary>
    public void Free() => (LeaseOwner, LeaseUntil) = (null, null);

    private long Worth() => Entries.Where(entry => entry.IsPlaced).Sum(entry => entry.Value);

    private void Do(CallPlanAction action, Guid? by, string? reason, Guid changeId, DateTimeOffset now)
    {
        var next = After(Status, action) ?? throw new RuleViolation("plan.wrong-status", $"A plan that is {Status} does not allow: {action}.");
        History.Add(new CallPlanChange { Id = changeId, PlanId = Id, From = Status, To = next, At = now, By = by, Reason = reason });
        Status = next;
    }

    private static CallPlanStatus? After(CallPlanStatus status, CallPlanAction action) => (status, action) switch
    {
        (Requested, CallPlanAction.Solve) => Solving,
        (Requested, CallPlanAction.Fail) => Failed,
        (Requested, CallPlanAction.Supersede) => Superseded,
        (Requested, _) => null,
        (Solving, CallPlanAction.Reserve) => Reserving,
        (Solving, CallPlanAction.Fail) => Failed,
        (Solving, CallPlanAction.Supersede) => Superseded,
        (Solving, _) => null,
        (Reserving, CallPlanAction.Solve) => Solving,
        (Reserving, CallPlanAction.Complete) => Ready,
        (Reserving, CallPlanAction.Fail) => Failed,
        (Reserving, CallPlanAction.Supersede) => Superseded,
        (Reserving, _) => null,
        (Ready, CallPlanAction.Publish) => Published,
        (Ready, CallPlanAction.Supersede) => Superseded,
        (Ready, _) => null,
        (Published, _) => null,
        (Failed, _) => null,
        (Superseded, _) => null,
    };
}

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

    /// <summary>ex-situ, in-situ or operando.</summary>
    public required string Mode { get; set; }

    /// <summary>Whether its proposal makes no sense without it.</summary>
    public required bool Required { get; set; }

    /// <summary>What it is worth where it is placed.</summary>
    public required long Value { get; set; }

    /// <summary>Start of its first shift; null: it has no place.</summary>
    public DateTimeOffset? From { get; set; }

    /// <summary>End of its last shift.</summary>
    public DateTimeOffset? To { get; set; }

    /// <summary>Its shifts, in order.</summary>
    public IReadOnlyList<PlacedShift> Shifts { get; set; } = [];

    /// <summary>Why it has no place.</summary>
    public IReadOnlyList<PlanRefusal> Reasons { get; set; } = [];

    /// <summary>The reservation for this place.</summary>
    public Guid? ReservationId { get; set; }

    /// <summary>Whether it has a place.</summary>
    public bool IsPlaced => From is not null;

    /// <summary>Takes what a later round says.</summary>
    public void Become(PlanEntry later)
    {
        (InstrumentCode, CellDesignCode, Mode, Required, Value) = (later.InstrumentCode, later.CellDesignCode, later.Mode, later.Required, later.Value);
        (From, To, Shifts, Reasons) = (later.From, later.To, later.Shifts, later.Reasons);
    }

    /// <summary>Loses its place.</summary>
    public void Drop(IReadOnlyList<PlanRefusal> reasons) => (From, To, Shifts, Reasons, ReservationId) = (null, null, [], reasons, null);
}

/// <summary>One line of a plan's history; never changed.</summary>
public sealed class CallPlanChange
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>Status before.</summary>
    public required CallPlanStatus From { get; init; }

    /// <summary>Status after.</summary>
    public required CallPlanStatus To { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who; null: the worker.</summary>
    public Guid? By { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary>The one plan of a call that is not yet published: a second one finds the row taken.</summary>
public sealed class OpenPlan
{
    /// <summary>The call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Its plan.</summary>
    public required Guid PlanId { get; set; }
}
