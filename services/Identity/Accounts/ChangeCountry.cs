using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Identity.Accounts;

/// <summary>
/// A person, or the user office for them, tells in which country their group or institution is. A proposal counts to the country that its leader had when it was accepted: what is accepted
/// later goes by the new one, what was accepted before does not move.
/// </summary>
public static class ChangeCountry
{
    internal static void Map(RouteGroupBuilder group) => group.MapPut("/{id:guid}/country", Handle);

    internal static void MapForAll(RouteGroupBuilder group) => group.MapPut("/me/country", HandleOwn);

    internal static Task<Results<NoContent, NotFound>> HandleOwn(Request request, IdentityDb db, ClaimsPrincipal person, HttpRequest http, TimeProvider time, CancellationToken cancel) =>
        Handle(person.Id, request, db, person, http, time, cancel);

    internal static async Task<Results<NoContent, NotFound>> Handle(
        Guid id, Request request, IdentityDb db, ClaimsPrincipal person, HttpRequest http, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var account = await db.Accounts.SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (account is null) return TypedResults.NotFound();
        http.RequireVersion(account.Version);
        if (AccountRules.CheckCountry(request.Country) is { Count: > 0 } problems) throw RuleViolation.Invalid("account.invalid", "This is no country.", problems);
        AccountRules.RequireReason(request.Reason);
        account.ChangeCountry(request.Country, person.Id, request.Reason, Guid.CreateVersion7(now), now);
        db.Publish(account.Registered(), time);
        await db.SaveChangesAsync(cancel);
        http.HttpContext.Response.TellVersion(account.Version);
        return TypedResults.NoContent();
    }

    /// <summary>The country from now on, and why.</summary>
    public sealed record Request
    {
        /// <summary>Two-letter code, in capitals; null: not told. Left out it is refused: nobody's country is forgotten by mistake.</summary>
        public required string? Country { get; init; }

        /// <summary>Why.</summary>
        public required string Reason { get; init; }
    }
}
