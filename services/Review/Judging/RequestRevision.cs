using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Review;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Review.Judging;

/// <summary>
/// Who has to judge wants the proposal changed first. All tasks of this submission are over; the next submission makes new ones.
/// </summary>
public static class RequestRevision
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/feasibility/{id:guid}/revision", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, Request request, ReviewDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var proposalId = await db.Tasks.OfJudge(person, db).Where(x => x.Id == id).Select(x => x.ProposalId).SingleOrDefaultAsync(cancel);
        if (proposalId == default) return TypedResults.NotFound();
        await using var turn = await db.TakeTurnAsync(proposalId, cancel);
        if (await db.WholeAsync(proposalId, cancel) is not { } proposal) return TypedResults.NotFound();
        Conflicts.Refuse(person.AsJudge(), proposal);
        List<Problem> problems = [];
        problems.NeedText("reason", request.Reason, Limits.Comment);
        if (problems.Count > 0) throw RuleViolation.Invalid("feasibility.invalid", "A revision cannot be asked for like this.", problems);
        var task = proposal.WishRevision(id, request.Reason, person.Id, now);
        db.Add(HistoryEntry.Of(proposal, Act.RevisionRequested, task.InstrumentCode ?? "board", request.Reason, person.Id, now));
        db.Publish(new RevisionRequested
        {
            ProposalId = proposalId, Submission = task.Submission, ExperimentId = task.ExperimentId, Reason = request.Reason, RequestedBy = person.Id, RequestedAt = now,
        }, time);
        await db.SaveChangesAsync(cancel);
        await turn.CommitAsync(cancel);
        return TypedResults.NoContent();
    }

    /// <summary>What is to be changed.</summary>
    public sealed record Request(string Reason);
}
