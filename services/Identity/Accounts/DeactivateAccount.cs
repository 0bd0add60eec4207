using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Identity.Accounts;

/// <summary>The user office ends an account: no sign-in and no refreshed token any more.</summary>
public static class DeactivateAccount
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/{id:guid}/deactivation", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(
        Guid id, Request request, IdentityDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var account = await db.Accounts.SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (account is null) return TypedResults.NotFound();
        if (account.Id == person.Id) throw new RuleViolation("account.own", "Nobody ends their own account.");
        AccountRules.RequireReason(request.Reason);
        account.Deactivate(person.Id, request.Reason, Guid.CreateVersion7(now), now);
        db.Publish(account.Registered(), time);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    /// <summary>Why.</summary>
    public sealed record Request
    {
        /// <summary>Why.</summary>
        public required string Reason { get; init; }
    }
}
