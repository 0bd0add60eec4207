using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tutti.Review.Reading;

/// <summary>The user office reads who judged, graded, ranked and decided, when, what and why.</summary>
public static class ReadHistory
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/proposals/{id:guid}/history", Handle);

    internal static async Task<Results<Ok<List<Response>>, NotFound>> Handle(Guid id, ReviewDb db, ClaimsPrincipal person, CancellationToken cancel, int page = 1)
    {
        if (!await db.Proposals.SeenBy(person, db).AnyAsync(x => x.Id == id, cancel)) return TypedResults.NotFound();
        return TypedResults.Ok(await db.History.AsNoTracking().Where(entry => entry.ProposalId == id).OrderBy(entry => entry.At).ThenBy(entry => entry.Id).Page(page)
            .Select(entry => new Response(entry.Submission, entry.Act, entry.What, entry.Why, entry.By, entry.At)).ToListAsync(cancel));
    }

    /// <summary>One line.</summary>
    public sealed record Response(int Submission, Act Act, string What, string? Why, Guid By, DateTimeOffset At);
}
