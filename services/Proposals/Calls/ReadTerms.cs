using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Proposals.Calls;

/// <summary>The user office reads the terms of a call with all that they were before.</summary>
public static class ReadTerms
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/calls/{id:guid}/terms", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, ProposalsDb db, HttpResponse http, CancellationToken cancel)
    {
        var call = await db.Calls.AsNoTracking().Include(x => x.History).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (call is null) return TypedResults.NotFound();
        http.TellVersion(call.Version);
        return TypedResults.Ok(new Response(call.Terms, [.. call.History.OrderByDescending(x => x.At).ThenByDescending(x => x.Id).Select(x => new Change(x.Before, x.By, x.Reason, x.At))]));
    }

    /// <summary>The terms, and their changes, the latest first.</summary>
    public sealed record Response(CallTerms Terms, IReadOnlyList<Change> History);

    /// <summary>The terms before a change, who made it, why, when.</summary>
    public sealed record Change(CallTerms Before, Guid By, string Reason, DateTimeOffset At);
}
