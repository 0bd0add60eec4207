using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Review.Advising;

/// <summary>A proposer lists what they asked, the latest first.</summary>
public static class ListAdvice
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/advice", Handle);

    internal static async Task<Ok<List<ReadAdvice.Response>>> Handle(ReviewDb db, ClaimsPrincipal person, CancellationToken cancel, int page = 1)
    {
        var id = person.Id;
        var advice = await db.Advice.AsNoTracking().Where(x => x.AskedBy == id).OrderByDescending(x => x.AskedAt).ThenBy(x => x.Id).Page(page).ToListAsync(cancel);
        return TypedResults.Ok(advice.ConvertAll(ReadAdvice.Describe));
    }
}
