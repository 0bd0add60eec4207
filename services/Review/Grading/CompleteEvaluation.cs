using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Review;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Review.Grading;

/// <summary>
/// The chair, or the user office, ends the evaluation of a proposal: the grades stand and their mean is told. A grade of somebody who is in
/// conflict by now does not count.
/// </summary>
public static class CompleteEvaluation
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/proposals/{id:guid}/evaluation", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, ReviewDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var turn = await db.TakeTurnAsync(id, cancel);
        var proposal = await db.WholeAsync(id, cancel);
        if (proposal is null or { Submission: 0 }) return TypedResults.NotFound();
        var call = await db.Calls.AsNoTracking().SingleOrDefaultAsync(x => x.Id == proposal.CallId, cancel);
        if (!person.Holds(Roles.UserOffice))
        {
            if (call is not { Closed: true } || !await db.Calls.OfPanel(person).AnyAsync(x => x.Id == call.Id, cancel)) return TypedResults.NotFound();
            if (call.PanelChairId != person.Id) throw RuleViolation.Forbidden("review.chair-only", "The chair of the panel does this.");
        }
        Conflicts.Refuse(person.AsJudge(), proposal);
        proposal.RequireInEvaluation(call?.Closed == true);
        var grades = await db.Grades.AsNoTracking().Where(grade => grade.ProposalId == id).ToListAsync(cancel);
        proposal.CompleteEvaluation([.. grades.Where(grade => Conflicts.Of(new Judge(grade.PersonId, grade.Group), proposal) is null).Select(grade => grade.Value)]);
        var mean = proposal.Grade ?? 0;
        db.Add(HistoryEntry.Of(proposal, Act.EvaluationCompleted, FormattableString.Invariant($"mean {mean:0.##} of {proposal.Grades}"), null, person.Id, now));
        db.Publish(new EvaluationCompleted
        {
            ProposalId = id, CallId = proposal.CallId, Revision = proposal.NextRevision(), Grade = mean, Grades = proposal.Grades, CompletedAt = now,
        }, time);
        await db.SaveChangesAsync(cancel);
        await turn.CommitAsync(cancel);
        return TypedResults.Ok(new Response(mean, proposal.Grades));
    }

    /// <summary>Mean grade, and how many grades it is made of.</summary>
    public sealed record Response(double Grade, int Grades);
}
