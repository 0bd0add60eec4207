using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Review.Advising;

/// <summary>Reads a request for advice with its answer: who asked, the board except the asker's group, and the user office.</summary>
public static class ReadAdvice
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/advice/{id:guid}", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, ReviewDb db, ClaimsPrincipal person, CancellationToken cancel)
    {
        var advice = await db.Advice.AsNoTracking().SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (advice is null || !MaySee(advice, person)) return TypedResults.NotFound();
        return TypedResults.Ok(Describe(advice));
    }

    /// <summary>A request as it is shown.</summary>
    internal static Response Describe(Advice advice) => new(
        advice.Id, advice.Question, advice.TechniqueCodes, advice.Sample, advice.Industrial, advice.AskedAt, advice.AnsweredAt, advice.AdvisorId is null ? null : advice.Answer);

    private static bool MaySee(Advice advice, ClaimsPrincipal person) =>
        advice.AskedBy == person.Id || person.Holds(Roles.UserOffice) || (person.Holds(Roles.BoardAdvisor) && !advice.IsAskedByGroupOf(person.AsJudge()));

    /// <summary>A request for advice; the answer is null until it is given.</summary>
    public sealed record Response(
        Guid Id, string Question, IReadOnlyList<string> TechniqueCodes, string Sample, bool Industrial, DateTimeOffset AskedAt, DateTimeOffset? AnsweredAt, AdviceAnswer? Answer);
}
