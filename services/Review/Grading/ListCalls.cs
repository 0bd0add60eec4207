using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Review.Grading;

/// <summary>A panel member lists the calls of their panels, the user office all calls, the latest first.</summary>
public static class ListCalls
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/calls", Handle);

    internal static async Task<Ok<List<Response>>> Handle(ReviewDb db, ClaimsPrincipal person, CancellationToken cancel, int page = 1)
    {
        var id = person.Id;
        return TypedResults.Ok(await db.Calls.AsNoTracking().SeenBy(person).OrderByDescending(call => call.ClosesAt).ThenBy(call => call.Id).Page(page)
            .Select(call => new Response(call.Id, call.Title, call.ClosesAt, call.Closed, call.PanelChairId == id)).ToListAsync(cancel));
    }

    /// <summary>A call, and whether the caller chairs its panel.</summary>
    public sealed record Response(Guid Id, string Title, DateTimeOffset ClosesAt, bool Closed, bool Chairs);
}
