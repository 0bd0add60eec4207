using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tutti.Review.Advising;

/// <summary>An advisor lists the questions that wait for an answer, the oldest first; those of the advisor's own group are not among them.</summary>
public static class ListOpenAdvice
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/advice/open", Handle);

    internal static async Task<Ok<List<ReadAdvice.Response>>> Handle(ReviewDb db, ClaimsPrincipal person, CancellationToken cancel, int page = 1)
    {
        var judge = person.AsJudge();
        var (id, group) = (judge.Id, Conflicts.Key(judge.Group));
        var advice = await db.Advice.AsNoTracking().Where(x => x.AdvisorId == null && x.AskedBy != id && (group == "" || x.AskerGroupKey != group))
            .OrderBy(x => x.AskedAt).ThenBy(x => x.Id).Page(page).ToListAsync(cancel);
        return TypedResults.Ok(advice.ConvertAll(ReadAdvice.Describe));
    }
}
