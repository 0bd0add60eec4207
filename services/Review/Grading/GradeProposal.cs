using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Review.Grading;

/// <summary>A panel member grades a proposal of their call; until the evaluation is completed the grade can be changed.</summary>
public static class GradeProposal
{
    internal static void Map(RouteGroupBuilder group) => group.MapPut("/proposals/{id:guid}/grade", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, Request request, ReviewDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var judge = person.AsJudge();
        await using var turn = await db.TakeTurnAsync(id, cancel);
        var proposal = await db.WholeAsync(id, cancel);
        if (proposal is null || !await db.Calls.OfPanel(person).AnyAsync(call => call.Id == proposal.CallId && call.Closed, cancel)) return TypedResults.NotFound();
        Conflicts.Refuse(judge, proposal);
        var problems = Check(request);
        if (problems.Count > 0) throw RuleViolation.Invalid("grade.invalid", "The grade cannot be given like this.", problems);
        proposal.RequireInEvaluation(callIsClosed: true);
        var grade = await db.Grades.FindAsync([id, judge.Id], cancel);
        if (grade?.Value == request.Value && grade.Comment == request.Comment) return TypedResults.NoContent();
        db.Add(HistoryEntry.Of(proposal, Act.Graded, grade is null ? $"{request.Value}" : $"{grade.Value} -> {request.Value}", request.Comment, judge.Id, now));
        if (grade is null)
            db.Add(new Grade { ProposalId = id, PersonId = judge.Id, Group = judge.Group, Value = request.Value, Comment = request.Comment, GradedAt = now });
        else
            (grade.Group, grade.Value, grade.Comment, grade.GradedAt) = (judge.Group, request.Value, request.Comment, now);
        await db.SaveChangesAsync(cancel);
        await turn.CommitAsync(cancel);
        return TypedResults.NoContent();
    }

    private static List<Problem> Check(Request request)
    {
        List<Problem> problems = [];
        if (request.Value is < 0 or > Grade.Best) problems.Add(new("value", "grade.range", $"A grade is a whole number from 0 to {Grade.Best}."));
        problems.NeedText("comment", request.Comment, Limits.Comment);
        return problems;
    }

    /// <summary>The grade.</summary>
    public sealed record Request
    {
        /// <summary>0 to 100.</summary>
        public required int Value { get; init; }

        /// <summary>Why.</summary>
        public required string Comment { get; init; }
    }
}
