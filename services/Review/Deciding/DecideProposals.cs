using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Review;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Review.Deciding;

/// <summary>
/// The user office decides on ranked proposals of a call, all of the list or none of it. What is on reserve can be accepted or rejected later;
/// what is accepted or rejected stays so. A decision that is in force already changes nothing.
/// </summary>
public static class DecideProposals
{
    private const int MaxDecisions = 500, MaxParts = 50;

    internal static void Map(RouteGroupBuilder group) => group.MapPost("/calls/{id:guid}/decisions", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, Request request, ReviewDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var turn = await db.TakeCallTurnAsync(id, cancel);
        if (!await db.Calls.AnyAsync(call => call.Id == id, cancel)) return TypedResults.NotFound();
        var problems = CheckSize(request);
        if (problems.Count > 0) throw Invalid(problems);
        var ids = request.Decisions.Select(decision => decision.ProposalId).ToList();
        var proposals = await db.Proposals.Include(x => x.Team).Include(x => x.Advisors).Include(x => x.Tasks).AsSplitQuery()
            .Where(x => x.CallId == id && x.Submission > 0 && ids.Contains(x.Id)).ToDictionaryAsync(x => x.Id, cancel);
        foreach (var proposal in proposals.Values) Conflicts.Refuse(person.AsJudge(), proposal);
        foreach (var (index, decision) in request.Decisions.Index())
        {
            if (!proposals.TryGetValue(decision.ProposalId, out var proposal))
                problems.Add(new($"decisions[{index}].proposalId", "proposal.unknown", "No proposal of this call has this id."));
            else if (!DecisionRules.IsInForce(proposal, decision)) problems.AddRange(DecisionRules.Check($"decisions[{index}]", proposal, decision));
        }
        if (problems.Count > 0) throw Invalid(problems);
        foreach (var decision in request.Decisions.Where(decision => !DecisionRules.IsInForce(proposals[decision.ProposalId], decision)))
            Decide(proposals[decision.ProposalId], decision, person.Id, db, time, now);
        await db.SaveChangesAsync(cancel);
        await turn.CommitAsync(cancel);
        return TypedResults.Ok(new Response(request.Decisions.Count));
    }

    private static void Decide(Proposal proposal, Decision decision, Guid by, ReviewDb db, TimeProvider time, DateTimeOffset now)
    {
        proposal.Decide(decision.Outcome, decision.Grants, decision.ReasonCodes);
        var word = decision.Outcome switch
        {
            Outcome.Accepted => "accepted",
            Outcome.Reserve => "reserve",
            Outcome.Rejected => "rejected",
        };
        var parts = decision.Outcome == Outcome.Accepted
            ? decision.Grants.Select(grant => $"{proposal.TaskOn(grant.ExperimentId)?.InstrumentCode} {grant.Shifts} ({grant.ExperimentId})")
            : decision.ReasonCodes;
        db.Add(HistoryEntry.Of(proposal, Act.Decided, $"{word}: {string.Join(", ", parts)}", decision.Comment, by, now));
        db.Publish(new DecisionTaken
        {
            ProposalId = proposal.Id, CallId = proposal.CallId, Revision = proposal.NextRevision(), Outcome = word, Grade = proposal.Grade ?? 0, Grants = decision.Grants,
            ReasonCodes = decision.ReasonCodes, DecidedBy = by, DecidedAt = now,
        }, time);
    }

    private static List<Problem> CheckSize(Request request)
    {
        List<Problem> problems = [];
        if (request.Decisions.Count is < 1 or > MaxDecisions) problems.Add(new("decisions", "list.length", $"1 to {MaxDecisions} decisions are taken at once."));
        else
        {
            foreach (var twice in request.Decisions.CountBy(decision => decision.ProposalId).Where(line => line.Value > 1))
                problems.Add(new("decisions", "decision.twice", $"The proposal {twice.Key} is named {twice.Value} times."));
            foreach (var (index, decision) in request.Decisions.Index())
            {
                problems.AtMost($"decisions[{index}].comment", decision.Comment, Limits.Comment);
                if (decision.Grants.Count > MaxParts || decision.ReasonCodes.Count > MaxParts)
                    problems.Add(new($"decisions[{index}]", "list.too-long", $"At most {MaxParts} grants and reasons."));
            }
        }
        return problems;
    }

    private static RuleViolation Invalid(List<Problem> problems) => RuleViolation.Invalid("decisions.invalid", "These decisions cannot be taken; none of them is.", problems);

    /// <summary>The decisions.</summary>
    public sealed record Request
    {
        /// <summary>At most one per proposal.</summary>
        public required IReadOnlyList<Decision> Decisions { get; init; }
    }

    /// <summary>The decision on one proposal.</summary>
    public sealed record Decision
    {
        /// <summary>The proposal.</summary>
        public required Guid ProposalId { get; init; }

        /// <summary>What is decided.</summary>
        public required Outcome Outcome { get; init; }

        /// <summary>Shifts per experiment, where it is accepted.</summary>
        public IReadOnlyList<GrantedShifts> Grants { get; init; } = [];

        /// <summary>Why, by code, where it is not.</summary>
        public IReadOnlyList<string> ReasonCodes { get; init; } = [];

        /// <summary>Why, in words, for the history.</summary>
        public string? Comment { get; init; }
    }

    /// <summary>How many decisions of the list are in force now: all.</summary>
    public sealed record Response(int Decisions);
}
