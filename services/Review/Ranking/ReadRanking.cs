using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tutti.Review.Ranking;

/// <summary>
/// The panel of a call and the user office read how its evaluated proposals stand: by rank and, where not ranked yet, by grade. A proposal that
/// the reader is in conflict with is not among them.
/// </summary>
public static class ReadRanking
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/calls/{id:guid}/ranking", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, ReviewDb db, ClaimsPrincipal person, CancellationToken cancel)
    {
        if (!await db.Calls.SeenBy(person).AnyAsync(call => call.Id == id, cancel)) return TypedResults.NotFound();
        var revision = await db.Rankings.Where(x => x.CallId == id).MaxAsync(x => (int?)x.Revision, cancel) ?? 0;
        var entries = await db.Proposals.AsNoTracking().SeenInCall(person, db).Where(x => x.CallId == id && x.Grade != null && !x.Withdrawn)
            .OrderBy(x => x.Rank == null).ThenBy(x => x.Rank).ThenByDescending(x => x.Grade).ThenBy(x => x.SubmittedAt).ThenBy(x => x.Id).Take(Limits.Proposals)
            .Select(x => new Entry(x.Id, x.Title, x.Rank, x.Grade ?? 0)).ToListAsync(cancel);
        return TypedResults.Ok(new Response(revision, entries));
    }

    /// <summary>Revision of the ranking in force, 0: none yet; and the proposals.</summary>
    public sealed record Response(int Revision, IReadOnlyList<Entry> Proposals);

    /// <summary>One proposal; rank is null where it is not ranked yet.</summary>
    public sealed record Entry(Guid ProposalId, string Title, int? Rank, double Grade);
}
