using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Planning;
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

    /// <summary>The pool was asked for cells and equipment.</summary>
    Reserving,

    /// <summary>Everything placed is held; the user office may publish it.</summary>
    Ready,

    /// <summary>Offered to the teams, who accept or decline.</summary>
    Tentative,

    /// <summary>A promise to the teams.</summary>
    Published,

    /// <summary>A copy that asks nothing of anybody: what if.</summary>
    WhatIf,

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

    /// <summary>Somebody changes placements by hand.</summary>
    Amend,

    /// <summary>The user office offers it to the teams.</summary>
    Offer,

    /// <summary>Changes to a published plan are given up; what was published holds.</summary>
    Discard,

    /// <summary>The planner has placed what it could in a copy, or could not; nobody is asked for anything.</summary>
    Settle,

    /// <summary>A later round could not be made: the placements are as they were before it.</summary>
    Return,
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

    /// <summary>Who asked for it; empty: the cell pool, which has lost a cell.</summary>
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

    /// <summary>No plan of the latest round's problem from which the other layers take no less is worth more; null: the placements were changed since.</summary>
    public long? Bound { get; private set; }

    /// <summary>What the objective of the latest round is made of; empty: the placements were changed since.</summary>
    public IReadOnlyList<PlanLayer> Layers { get; private set; } = [];

    /// <summary>Why it, or its latest round, failed: a stable code.</summary>
    public string? FailureCode { get; private set; }

    /// <summary>The same in words.</summary>
    public string? FailureText { get; private set; }

    /// <summary>When it was published.</summary>
    public DateTimeOffset? PublishedAt { get; private set; }

    /// <summary>Answers of teams that were heard.</summary>
    public int Answers { get; private set; }

    /// <summary>Number of its latest version.</summary>
    public int Head { get; private set; }

    /// <summary>The version that was published last: what the teams were promised; null: none.</summary>
    public int? LiveVersion { get; private set; }

    /// <summary>When the changes to what was published began; nothing is placed earlier.</summary>
    public DateTimeOffset? AmendedAt { get; private set; }

    /// <summary>Rounds that belong to earlier publications: the limit counts from here.</summary>
    public int RoundsBefore { get; private set; }

    /// <summary>Whether what is asked of the pool is for a change by hand: what the pool refuses is left out, and nobody else moves.</summary>
    public bool ByHand { get; private set; }

    /// <summary>Placements that begin earlier do not move, unless somebody forces it and says why.</summary>
    public DateTimeOffset? FrozenUntil { get; private set; }

    /// <summary>The plan that this is a copy of; null: none.</summary>
    public Guid? CopyOf { get; private set; }

    /// <summary>What the copy is called.</summary>
    public string? CopyName { get; private set; }

    /// <summary>The version it was copied from.</summary>
    public int? CopiedVersion { get; private set; }

    /// <summary>What the copy is to repair; null: it is no option of a repair.</summary>
    public RepairTask? Repair { get; private set; }

    /// <summary>The disturbance that it is an option for.</summary>
    public Guid? DisturbanceId { get; private set; }

    /// <summary>How the planner is to search.</summary>
    public SearchSettings Search { get; private set; } = new();

    /// <summary>Until when the last team answers an offer; null: nothing is offered.</summary>
    public DateTimeOffset? AnswerBy { get; private set; }

    /// <summary>What no answer means.</summary>
    public SilencePolicy Silence { get; private set; }

    /// <summary>Counts offers.</summary>
    public int Offers { get; private set; }

    /// <summary>One line for each experiment.</summary>
    public List<PlanEntry> Entries { get; private set; } = [];

    /// <summary>Every status it ever had.</summary>
    public List<CallPlanChange> History { get; private set; } = [];

    /// <summary>Grows with every event about it.</summary>
    public int Revision { get; private set; }

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>Whether it can still become a promise.</summary>
    public bool IsOpen => Status is Requested or Solving or Reserving or Ready or Tentative;

    /// <summary>Whether people can change it, or say what they want of it.</summary>
    public bool TakesRemarks => Status is Reserving or Ready or Tentative or Published or WhatIf;

    /// <summary>Whether people have been promised what <see cref="LiveVersion"/> says.</summary>
    public bool IsLive => LiveVersion is not null;

    /// <summary>Whether there are placements that were good before the present round.</summary>
    public bool HasPlaces => CopyOf is null ? Round > 0 : Repair is null || SolverStatus is not null;

    /// <summary>Nothing new is placed earlier.</summary>
    public DateTimeOffset PlansFrom => AmendedAt ?? RequestedAt;

    /// <summary>The plan to which experiments that were promised shifts belong.</summary>
    public Guid Lineage => CopyOf ?? Id;

    /// <summary>A plan that somebody asks for.</summary>
    public static CallPlan Request(Guid id, Guid callId, Guid by, DateTimeOffset now, SearchSettings? search = null) =>
        new() { Id = id, CallId = callId, Status = Requested, RequestedBy = by, RequestedAt = now, Search = search ?? new() };

    /// <summary>A copy to try something with: same placements, locks and freeze; nothing is asked of pool or teams.</summary>
    public CallPlan Copy(Guid id, string name, Guid? by, DateTimeOffset now) => new()
    {
        Id = id, CallId = CallId, Status = WhatIf, RequestedBy = by ?? Guid.Empty, RequestedAt = RequestedAt, AmendedAt = AmendedAt, LiveVersion = LiveVersion, FrozenUntil = FrozenUntil, Round = Round, RoundsBefore = RoundsBefore, Inputs = Inputs,
        Objective = Objective, Bound = Bound, Layers = Layers, CopyOf = Id, CopyName = name, CopiedVersion = Head,
        Entries = Entries.ConvertAll(entry => entry.CopyTo(id)),
        History = [new CallPlanChange { Id = Guid.CreateVersion7(now), PlanId = id, From = Status, To = WhatIf, At = now, By = by, Reason = name }],
    };

    /// <summary>A copy in which the planner is to repair what a disturbance has hit: the hit placements are out, and the mode says what else it may touch.</summary>
    public CallPlan RepairOption(Guid id, RepairTask repair, Guid disturbance, string name, PlanRefusal why, PlanInputs inputs, IReadOnlySet<Guid> begun, Guid? by, DateTimeOffset now)
    {
        var option = Copy(id, name, by, now);
        (option.Repair, option.DisturbanceId, option.Inputs, option.AmendedAt) = (repair, disturbance, inputs, now);
        foreach (var entry in option.Entries.Where(entry => repair.Hit.Contains(entry.ExperimentId))) entry.Drop([why], repair.KeepsHitOut ? PlacementLock.Moved : PlacementLock.None);
        (option.Objective, option.Bound, option.Layers) = (option.Worth(begun), null, []);
        option.Do(CallPlanAction.Solve, by, name, Guid.CreateVersion7(now), now);
        return option;
    }

    /// <summary>Keeps the present placements as a version that is never changed.</summary>
    public PlanVersion Record(PlanVersionKind kind, Guid? by, string? reason, DateTimeOffset now, int? of = null, IReadOnlyList<string>? forced = null, IReadOnlyList<Guid>? changed = null) => new()
    {
        Id = Guid.CreateVersion7(now), PlanId = Id, Number = ++Head, Tag = CopyOf is not null && Head == 1 ? 0 : Version + 1, At = now, By = by, Kind = kind, Reason = reason, Of = of, Forced = forced ?? [], Changed = changed ?? [],
        Objective = Objective ?? 0, Placed = Entries.Count(entry => entry.IsPlaced), Unplaced = Entries.Count(entry => !entry.IsPlaced),
        Lines = [.. Entries.OrderBy(entry => entry.ExperimentId).Select(entry => new VersionLine(entry.ExperimentId, entry.ProposalId, entry.InstrumentCode, entry.Shifts, entry.Lock, entry.Forced, entry.Reasons))],
    };

    /// <summary>Somebody changes placements by hand: the plan fits the world as it is now, cells are to be asked for where they are needed.</summary>
    public void Amend(PlanInputs inputs, IReadOnlySet<Guid> begun, Guid? by, string reason, Guid changeId, DateTimeOffset now)
    {
        if (!TakesRemarks) throw new RuleViolation("plan.not-changeable", $"A plan that is {Status.Word()} cannot be changed by hand.");
        if (Status == Published) (AmendedAt, RoundsBefore) = (now, Round);
        // Where the planner's round still waits for the pool, the change becomes a part of that round.
        ByHand |= Status != Reserving;
        Do(CallPlanAction.Amend, by, reason, changeId, now);
        (Inputs, Objective, Bound, Layers, FailureCode, FailureText) = (inputs, Worth(begun), null, [], null, null);
        if (SolverStatus is not null) SolverStatus = "feasible";
    }

    /// <summary>Forgets experiments that are no part of it any more.</summary>
    public void Keep(HashSet<Guid> experiments) => Entries.RemoveAll(entry => !experiments.Contains(entry.ExperimentId));

    /// <summary>Another round of the planner, which leaves alone what is locked, promised, or offered and not declined.</summary>
    public void SolveAgain(SearchSettings search, Guid by, string reason, Guid changeId, DateTimeOffset now)
    {
        if (Status is not (Ready or Tentative or WhatIf)) throw new RuleViolation("plan.not-ready", $"A plan that is {Status.Word()} cannot be given to the planner.");
        Do(CallPlanAction.Solve, by, reason, changeId, now);
        (RoundsBefore, Search, FailureCode, FailureText) = (Round, search, null, null);
    }

    /// <summary>Placements that begin before a moment stay where they are; tells those that are held, or let go, by it.</summary>
    public IReadOnlyList<Guid> Freeze(DateTimeOffset? until)
    {
        var before = FrozenUntil;
        FrozenUntil = until;
        return [.. Entries.Where(entry => entry.From < before || entry.From < until).Select(entry => entry.ExperimentId)];
    }

    /// <summary>The teams are asked whether they come.</summary>
    public void Offer(DateTimeOffset answerBy, SilencePolicy silence, Guid by, Guid changeId, DateTimeOffset now)
    {
        RequireOfferable();
        Do(CallPlanAction.Offer, by, null, changeId, now);
        (AnswerBy, Silence, Offers) = (AnswerBy > answerBy && Entries.Exists(entry => entry.Answer == TeamAnswer.Asked) ? AnswerBy : answerBy, silence, Offers + 1);
    }

    /// <summary>Refuses to offer what is not ready.</summary>
    public void RequireOfferable()
    {
        if (Status != Ready) throw new RuleViolation("plan.not-ready", $"A plan that is {Status.Word()} cannot be offered.");
    }

    /// <summary>A team comes, on its own word or by silence.</summary>
    public void Accept(PlanEntry entry, Guid? by, DateTimeOffset now)
    {
        (entry.Answer, entry.AnsweredBy, entry.AnsweredAt) = (by is null ? TeamAnswer.AcceptedBySilence : TeamAnswer.Accepted, by, now);
        Answers++;
    }

    /// <summary>
    /// A team does not come: its place is free, and it stays out until somebody puts it elsewhere. Where its proposal, or what it is tied to, makes no sense without it, and nothing of that was promised, the rest
    /// goes too; tells which places were offered to teams and are not any more.
    /// </summary>
    public IReadOnlyList<PlanEntry> Decline(PlanEntry entry, PlanRefusal why, IReadOnlySet<Guid> begun, Guid? by, DateTimeOffset now)
    {
        entry.Drop([why], PlacementLock.Moved);
        (entry.Answer, entry.AnsweredBy, entry.AnsweredAt) = (TeamAnswer.Declined, by, now);
        List<PlanEntry> rest = entry.Required && !begun.Contains(entry.ProposalId) ? Entries.FindAll(one => one.IsPlaced && one.ProposalId == entry.ProposalId)
            : Entries.FindAll(one => one.IsPlaced && IsTied(one, entry, begun));
        var offered = rest.FindAll(one => one.Answer != TeamAnswer.None);
        foreach (var one in rest) one.Drop([Reasons.Of(entry.Required ? Planning.UnplacedReasons.ProposalIncomplete : Planning.UnplacedReasons.GroupIncomplete)]);
        (Objective, Bound, Layers) = (Worth(begun), null, []);
        if (SolverStatus is not null) SolverStatus = "feasible";
        Answers++;
        return offered;
    }

    /// <summary>Changes to what was published are given up.</summary>
    public void Discard(IReadOnlyList<VersionLine> published, IReadOnlySet<Guid> begun, Guid? by, string reason, Guid changeId, DateTimeOffset now)
    {
        if (!IsLive) throw new RuleViolation("plan.not-published", "Nothing of the plan has been published.");
        if (!IsOpen) throw new RuleViolation("plan.not-open", $"A plan that is {Status.Word()} has no changes to be given up.");
        foreach (var entry in Entries)
            if (published.FirstOrDefault(line => line.ExperimentId == entry.ExperimentId) is { } line) entry.Become(line);
        (Objective, Bound, Layers, FailureCode, FailureText) = (Worth(begun), null, [], null, null);
        Do(CallPlanAction.Discard, by, reason, changeId, now);
        CloseOffer();
        Free();
    }

    /// <summary>The planner begins a round, or begins it again after a worker was lost.</summary>
    public void Solve(Guid changeId, DateTimeOffset now)
    {
        if (Status != Solving) Do(CallPlanAction.Solve, null, null, changeId, now);
    }

    /// <summary>The planner's answer, one entry for each experiment; cells are to be asked for now.</summary>
    public void Place(IReadOnlyList<PlanEntry> answer, IEnumerable<Guid> ran, PlanInputs inputs, IReadOnlySet<Guid> begun, string solverStatus, long? bound, IReadOnlyList<PlanLayer> layers, Guid changeId, DateTimeOffset now)
    {
        var before = Entries.ToDictionary(entry => entry.ExperimentId);
        Keep([.. answer.Select(one => one.ExperimentId), .. ran]);
        foreach (var one in answer)
            if (!before.TryGetValue(one.ExperimentId, out var entry)) Entries.Add(one);
            else if (!ReferenceEquals(entry, one)) entry.Become(one);
        Round++;
        (Inputs, SolverStatus, Bound, Layers, Objective, ByHand, FailureCode, FailureText) = (inputs, solverStatus, bound, layers, Worth(begun), false, null, null);
        Do(CopyOf is null ? CallPlanAction.Reserve : CallPlanAction.Settle, null, null, changeId, now);
    }

    /// <summary>Takes experiments out that cannot be held, and what makes no sense without them.</summary>
    public void Drop(IReadOnlyDictionary<Guid, IReadOnlyList<PlanRefusal>> refused, IReadOnlySet<Guid> begunProposals)
    {
        var incomplete = Entries.Where(entry => entry.Required && refused.ContainsKey(entry.ExperimentId) && !begunProposals.Contains(entry.ProposalId)).Select(entry => entry.ProposalId).ToHashSet();
        foreach (var entry in Entries.Where(entry => entry.IsPlaced))
            // What somebody has put there stays out until somebody puts it elsewhere.
            if (refused.TryGetValue(entry.ExperimentId, out var reasons)) entry.Drop(entry.Locked ? [.. reasons, Reasons.Of(Reasons.LockedPlaceRefused)] : reasons, entry.Locked ? PlacementLock.Moved : PlacementLock.None);
            else if (incomplete.Contains(entry.ProposalId)) entry.Drop([Reasons.Of(Planning.UnplacedReasons.ProposalIncomplete)]);
            else if (Entries.Exists(other => refused.ContainsKey(other.ExperimentId) && IsTied(entry, other, begunProposals))) entry.Drop([Reasons.Of(Planning.UnplacedReasons.GroupIncomplete)]);
        (Objective, Bound, Layers, SolverStatus) = (Worth(begunProposals), null, [], "feasible");
    }

    /// <summary>Whether one makes no sense without the other, as long as nothing of their proposal was promised.</summary>
    private static bool IsTied(PlanEntry one, PlanEntry other, IReadOnlySet<Guid> begun) => one.Group is { } group && group == other.Group && one.ProposalId == other.ProposalId && !begun.Contains(one.ProposalId);

    /// <summary>Everything placed is held.</summary>
    public void Complete(Guid changeId, DateTimeOffset now)
    {
        Do(CallPlanAction.Complete, null, null, changeId, now);
        ByHand = false;
    }

    /// <summary>It becomes a promise.</summary>
    public void Publish(Guid by, string? despite, Guid changeId, DateTimeOffset now)
    {
        if (Status is not (Ready or Tentative)) throw new RuleViolation("plan.not-ready", $"A plan that is {Status.Word()} cannot be published.");
        if (despite is null && Entries.Exists(entry => entry.Answer == TeamAnswer.Asked && now < entry.AnswerBy))
            throw new RuleViolation("plan.answers-outstanding", $"Teams may answer until {AnswerBy:u}; to publish without waiting, say why.");
        Do(CallPlanAction.Publish, by, despite, changeId, now);
        (PublishedAt, Revision, LiveVersion, FailureCode, FailureText) = (now, Revision + 1, Head, null, null);
        CloseOffer();
    }

    /// <summary>It cannot be made.</summary>
    public void Fail(string code, string text, Guid changeId, DateTimeOffset now)
    {
        Do(CallPlanAction.Fail, null, code, changeId, now);
        (FailureCode, FailureText) = (code, text);
        CloseOffer();
        Free();
    }

    /// <summary>A later round could not be made: the plan is what it was before, and tells why.</summary>
    public void Return(string code, string text, Guid changeId, DateTimeOffset now)
    {
        Do(CopyOf is null ? CallPlanAction.Return : CallPlanAction.Settle, null, code, changeId, now);
        (FailureCode, FailureText, ByHand) = (code, text, false);
        Free();
    }

    /// <summary>It is given up.</summary>
    public void Supersede(Guid by, string reason, Guid changeId, DateTimeOffset now)
    {
        if (!(IsOpen && (CopyOf is not null || !IsLive)) && Status != WhatIf) throw new RuleViolation("plan.not-open", $"A plan that is {Status.Word()} cannot be given up.");
        Do(CallPlanAction.Supersede, by, reason, changeId, now);
        CloseOffer();
        Free();
    }

    /// <summary>No worker has it in hand any more.</summary>
    public void Free() => (LeaseOwner, LeaseUntil) = (null, null);

    /// <summary>What placed shifts are worth; nothing where a proposal of which nothing was promised lacks what it makes no sense without.</summary>
    private long Worth(IReadOnlySet<Guid> begun)
    {
        var incomplete = Entries.Where(entry => entry is { Required: true, IsPlaced: false } && !begun.Contains(entry.ProposalId)).Select(entry => entry.ProposalId).ToHashSet();
        return Entries.Where(entry => !incomplete.Contains(entry.ProposalId)).Sum(entry => entry.Worth);
    }

    /// <summary>Nobody is waited for any more.</summary>
    private void CloseOffer()
    {
        AnswerBy = null;
        foreach (var entry in Entries.Where(entry => entry.Answer == TeamAnswer.Asked)) entry.Ask(0, null);
    }

    private void Do(CallPlanAction action, Guid? by, string? reason, Guid changeId, DateTimeOffset now)
    {
        var next = After(Status, action) ?? throw new RuleViolation("plan.wrong-status", $"A plan that is {Status.Word()} does not allow: {action.Word()}.");
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
        (Solving, CallPlanAction.Settle) => WhatIf,
        (Solving, CallPlanAction.Fail) => Failed,
        (Solving, CallPlanAction.Supersede) => Superseded,
        (Solving, CallPlanAction.Discard) => Published,
        (Solving, CallPlanAction.Return) => Ready,
        (Solving, _) => null,
        (Reserving, CallPlanAction.Solve) => Solving,
        (Reserving, CallPlanAction.Complete) => Ready,
        (Reserving, CallPlanAction.Amend) => Reserving,
        (Reserving, CallPlanAction.Fail) => Failed,
        (Reserving, CallPlanAction.Supersede) => Superseded,
        (Reserving, CallPlanAction.Discard) => Published,
        (Reserving, CallPlanAction.Return) => Ready,
        (Reserving, _) => null,
        (Ready, CallPlanAction.Publish) => Published,
        (Ready, CallPlanAction.Offer) => Tentative,
        (Ready, CallPlanAction.Amend) => Reserving,
        (Ready, CallPlanAction.Solve) => Solving,
        (Ready, CallPlanAction.Supersede) => Superseded,
        (Ready, CallPlanAction.Discard) => Published,
        (Ready, _) => null,
        (Tentative, CallPlanAction.Publish) => Published,
        (Tentative, CallPlanAction.Amend) => Reserving,
        (Tentative, CallPlanAction.Solve) => Solving,
        (Tentative, CallPlanAction.Supersede) => Superseded,
        (Tentative, CallPlanAction.Discard) => Published,
        (Tentative, _) => null,
        (Published, CallPlanAction.Amend) => Reserving,
        (Published, _) => null,
        (WhatIf, CallPlanAction.Amend) => WhatIf,
        (WhatIf, CallPlanAction.Solve) => Solving,
        (WhatIf, CallPlanAction.Supersede) => Superseded,
        (WhatIf, _) => null,
        (Failed, _) => null,
        (Superseded, _) => null,
    };
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
