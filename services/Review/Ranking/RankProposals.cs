using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Review;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Review.Ranking;

/// <summary>
/// The chair puts all evaluated proposals of a call in order, by grade where no order is named; see <see cref="RankingOrder"/>. The same order
/// again changes nothing.
/// </summary>
public static class RankProposals
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/calls/{id:guid}/ranking", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, Request request, ReviewDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var turn = await db.TakeCallTurnAsync(id, cancel);
        var call = await db.Calls.AsNoTracking().OfPanel(person).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (call is null) return TypedResults.NotFound();
        if (call.PanelChairId != person.Id) throw RuleViolation.Forbidden("review.chair-only", "The chair of the panel does this.");
        var proposals = await db.Proposals.Include(x => x.Team).Include(x => x.Advisors).AsSplitQuery()
            .Where(x => x.CallId == id && x.Grade != null && !x.Withdrawn).ToDictionaryAsync(x => x.Id, cancel);
        if (proposals.Count == 0) throw new RuleViolation("ranking.nothing-evaluated", "No proposal of this call is evaluated yet.");

        var chair = person.AsJudge();
        List<Problem> problems = [];
        if (request.ProposalIds.Count > Limits.Proposals) problems.Add(new("proposalIds", "list.too-long", $"At most {Limits.Proposals} entries; there are {request.ProposalIds.Count}."));
        problems.AtMost("reason", request.Reason, Limits.Comment);
        var order = problems.Count > 0 ? [] : RankingOrder.Arrange(
            request.ProposalIds, [.. proposals.Values.Select(x => new Candidate(x.Id, x.Grade ?? 0, x.SubmittedAt, Conflicts.Of(chair, x) is not null))], problems);
        if (problems.Count > 0) throw RuleViolation.Invalid("ranking.invalid", "The proposals cannot be ranked like this.", problems);

        List<RankedProposal> ranked = [.. order.Index().Select(line => new RankedProposal { ProposalId = line.Item.Id, Rank = line.Index + 1, Grade = line.Item.Grade })];
        var last = await db.Rankings.AsNoTracking().Where(x => x.CallId == id).OrderByDescending(x => x.Revision).FirstOrDefaultAsync(cancel);
        if (last?.Order.SequenceEqual(ranked) == true) return TypedResults.Ok(new Response(last.Revision));
        var revision = (last?.Revision ?? 0) + 1;
        db.Add(new CallRanking { CallId = id, Revision = revision, Order = ranked, DecidedBy = chair.Id, DecidedAt = now });
        db.Publish(new RankingDecided { CallId = id, Revision = revision, Ranking = ranked, DecidedAt = now }, time);
        foreach (var line in ranked)
        {
            var proposal = proposals[line.ProposalId];
            proposal.Place(line.Rank);
            db.Add(HistoryEntry.Of(proposal, Act.Ranked, $"{line.Rank} of {ranked.Count}, ranking {revision}", request.Reason, chair.Id, now));
            db.Publish(new ProposalRanked { ProposalId = proposal.Id, CallId = id, Revision = proposal.NextRevision(), Rank = line.Rank, Grade = line.Grade }, time);
        }
        await db.SaveChangesAsync(cancel);
        await turn.CommitAsync(cancel);
        return TypedResults.Ok(new Response(revision));
    }

    /// <summary>The order.</summary>
    public sealed record Request
    {
        /// <summary>The proposals, best first; empty: by grade.</summary>
        public required IReadOnlyList<Guid> ProposalIds { get; init; }

        /// <summary>Why this order.</summary>
        public string? Reason { get; init; }
    }

    /// <summary>Revision of the ranking in force.</summary>
    public sealed record Response(int Revision);
}
