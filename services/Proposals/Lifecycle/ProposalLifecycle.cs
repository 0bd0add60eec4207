using System.Linq.Expressions;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.Contracts.Review;
using Tutti.Contracts.Scheduling;
using Tutti.Proposals.Submitting;
using Tutti.ServiceDefaults.Messaging;
using static Tutti.Proposals.ProposalAction;

namespace Tutti.Proposals.Lifecycle;

/// <summary>
/// The one long state machine: what the other services say moves a proposal along. Events may come twice and in any order, so each one
/// is kept as a fact first; <see cref="Next"/> is the table that says which step the facts allow.
/// </summary>
#pragma warning disable CS8618, CS8603 // The base class sets every event before this constructor runs.
public sealed class ProposalLifecycle : MassTransitStateMachine<ProposalLifecycleState>
{
    /// <summary>Declares states and events.</summary>
    public ProposalLifecycle()
    {
        InstanceState(state => state.CurrentState);
        foreach (var status in Enum.GetNames<ProposalStatus>()) State(status);

        On(() => Submitted, (facts, said) => facts.Submitted(said.Submission, said.Experiments.Select(experiment => experiment.ExperimentId)), said => said.ProposalId);
        On(() => Revised, (facts, said) => facts.Submitted(said.Submission, said.Experiments.Select(experiment => experiment.ExperimentId)), said => said.ProposalId);
        On(() => TechnicalJudged, (facts, said) => facts.Judged(new Verdict(said.Submission, said.ExperimentId, said.Verdict)), said => said.ProposalId);
        On(() => BoardJudged, (facts, said) => facts.Judged(new Verdict(said.Submission, null, said.Verdict)), said => said.ProposalId);
        On(() => RevisionAsked, (facts, said) => facts.Wished(new RevisionWish(said.Submission, said.ExperimentId, said.Reason)), said => said.ProposalId);
        On(() => WasRanked, (facts, said) => facts.Ranked(said.Revision, said.Rank), said => said.ProposalId);
        On(() => Decided, (facts, said) => facts.Decided(new Decision(said.Revision, said.Outcome, said.Grade, said.Grants.ToDictionary(grant => grant.ExperimentId, grant => grant.Shifts), said.ReasonCodes)), said => said.ProposalId);
        On(() => Scheduled, (facts, said) => facts.Placed(said.ExperimentId, said.Revision, placed: true), said => said.ProposalId);
        On(() => Rescheduled, (facts, said) => facts.Placed(said.ExperimentId, said.Revision, placed: true), said => said.ProposalId);
        On(() => Unplaced, (facts, said) => facts.Placed(said.ExperimentId, said.Revision, placed: false), said => said.ProposalId);
        On(() => Started, (facts, said) => facts.WithStarted(said.ExperimentId), said => said.ProposalId);
        On(() => Finished, (facts, said) => facts.WithFinished(said.ExperimentId), said => said.ProposalId);
        On(() => Withdrawn, (facts, _) => facts with { Withdrawn = true }, said => said.ProposalId);
    }

    /// <summary>First submission.</summary>
    public Event<ProposalSubmitted> Submitted { get; private set; }

    /// <summary>Later submissions.</summary>
    public Event<ProposalRevised> Revised { get; private set; }

    /// <summary>Instrument staff have judged.</summary>
    public Event<TechnicalFeasibilityJudged> TechnicalJudged { get; private set; }

    /// <summary>The board has judged.</summary>
    public Event<BoardFeasibilityJudged> BoardJudged { get; private set; }

    /// <summary>Somebody wants it changed.</summary>
    public Event<RevisionRequested> RevisionAsked { get; private set; }

    /// <summary>The chair has put it in order.</summary>
    public Event<ProposalRanked> WasRanked { get; private set; }

    /// <summary>The user office has decided.</summary>
    public Event<DecisionTaken> Decided { get; private set; }

    /// <summary>An experiment has published shifts.</summary>
    public Event<ExperimentScheduled> Scheduled { get; private set; }

    /// <summary>An experiment has other shifts than before.</summary>
    public Event<ExperimentRescheduled> Rescheduled { get; private set; }

    /// <summary>A published plan has no place for an experiment.</summary>
    public Event<ExperimentUnplaced> Unplaced { get; private set; }

    /// <summary>An experiment has beam.</summary>
    public Event<ExperimentStarted> Started { get; private set; }

    /// <summary>An experiment is over.</summary>
    public Event<ExperimentFinished> Finished { get; private set; }

    /// <summary>The team took it back.</summary>
    public Event<ProposalWithdrawn> Withdrawn { get; private set; }

    /// <summary>The table: the step that the facts allow for a proposal with this status; null where it has to wait.</summary>
    internal static ProposalAction? Next(ProposalStatus status, LifecycleFacts facts) => status switch
    {
        // A late word on an earlier submission does not start the next one: that waits until its own text has been heard of.
        ProposalStatus.Submitted when facts.Submission > facts.Asked => AskForFeasibility,
        ProposalStatus.InFeasibility when facts.WantsRevision => RequestRevision,
        ProposalStatus.InFeasibility when facts.IsJudged => StartEvaluation,
        ProposalStatus.InEvaluation when facts.Rank is not null => Rank,
        ProposalStatus.Ranked or ProposalStatus.Reserve when facts.Decision is { } decision && facts.DecisionDone < decision.Revision => decision.Outcome switch
        {
            "accepted" => ProposalAction.Accept,
            "reserve" => PlaceOnReserve,
            _ => Reject,
        } as ProposalAction?,
        ProposalStatus.Accepted when facts.IsPlanned => Plan,
        ProposalStatus.Planned when facts.Started.Count > 0 => Start,
        ProposalStatus.Planned when !facts.IsPlanned => Unplan,
        ProposalStatus.Running when facts.IsMeasured => Finish,
        ProposalStatus.Draft or ProposalStatus.Submitted or ProposalStatus.InFeasibility or ProposalStatus.RevisionRequested or ProposalStatus.InEvaluation or ProposalStatus.Ranked
            or ProposalStatus.Accepted or ProposalStatus.Reserve or ProposalStatus.Rejected or ProposalStatus.Planned or ProposalStatus.Running or ProposalStatus.Measured
            or ProposalStatus.Reported or ProposalStatus.Closed or ProposalStatus.Withdrawn => null as ProposalAction?,
    };

    private void On<T>(Expression<Func<Event<T>>> property, Func<LifecycleFacts, T, LifecycleFacts> learn, Func<T, Guid> proposal) where T : class
    {
        Event(property, configure => configure.CorrelateById(context => proposal(context.Message)));
        var said = property.Compile()();
        Initially(When(said).ThenAsync(context => HearAsync(context, learn)));
        DuringAny(When(said).ThenAsync(context => HearAsync(context, learn)));
    }

    private async Task HearAsync<T>(BehaviorContext<ProposalLifecycleState, T> context, Func<LifecycleFacts, T, LifecycleFacts> learn) where T : class
    {
        var state = context.Saga;
        state.Facts = learn(state.Facts, context.Message);
        var services = context.GetPayload<IServiceProvider>();
        var db = services.GetRequiredService<ProposalsDb>();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var proposal = await db.Proposals.Include(x => x.Team).SingleOrDefaultAsync(x => x.Id == state.CorrelationId, context.CancellationToken);
        if (proposal is null) return;
        while (Next(proposal.Status, state.Facts) is { } action && proposal.Can(action))
        {
            proposal.Do(action, null, null, Guid.CreateVersion7(now), now);
            await TellAsync(action, proposal, state, db, context);
        }
        await context.TransitionToState(GetState(proposal.Status.ToString()));
    }

    /// <summary>What a step tells the other services.</summary>
    private static async Task TellAsync(ProposalAction action, Proposal proposal, ProposalLifecycleState state, ProposalsDb db, ConsumeContext context)
    {
        switch (action)
        {
            case AskForFeasibility:
                var board = await db.Calls.Where(call => call.Id == proposal.CallId).Select(call => call.BoardFeasibilityRequired).SingleAsync(context.CancellationToken);
                state.Facts = state.Facts with { BoardRequired = board, Asked = state.Facts.Submission };
                await context.PublishAsync(new JudgeFeasibility { ProposalId = proposal.Id, CallId = proposal.CallId, Submission = state.Facts.Submission, BoardRequired = board });
                break;
            case ProposalAction.Accept when state.Facts.Decision is { } decision:
                state.Facts = state.Facts with { DecisionDone = decision.Revision };
                await context.PublishAsync(await AcceptedAsync(proposal, decision, db, context.CancellationToken));
                break;
            case PlaceOnReserve when state.Facts.Decision is { } decision:
                state.Facts = state.Facts with { DecisionDone = decision.Revision };
                await context.PublishAsync(new ProposalPlacedOnReserve { ProposalId = proposal.Id, CallId = proposal.CallId, Revision = proposal.NextRevision() });
                break;
            case Reject when state.Facts.Decision is { } decision:
                state.Facts = state.Facts with { DecisionDone = decision.Revision };
                await context.PublishAsync(new ProposalRejected { ProposalId = proposal.Id, CallId = proposal.CallId, Revision = proposal.NextRevision(), ReasonCodes = decision.ReasonCodes });
                break;
        }
    }

    private static async Task<ProposalAccepted> AcceptedAsync(Proposal proposal, Decision decision, ProposalsDb db, CancellationToken cancel)
    {
        var call = await db.Calls.AsNoTracking().SingleAsync(x => x.Id == proposal.CallId, cancel);
        var needs = await SubmissionNeeds.LoadAsync(proposal, db, cancel);
        return new ProposalAccepted
        {
            ProposalId = proposal.Id, CallId = proposal.CallId, Revision = proposal.NextRevision(), Title = proposal.Title, Grade = decision.Grade, Team = needs.Team(proposal),
            Experiments = SubmissionNeeds.Requests(proposal.Text, decision.Grants), BeamtimeFrom = call.BeamtimeFrom, BeamtimeTo = call.BeamtimeTo,
        };
    }
}
