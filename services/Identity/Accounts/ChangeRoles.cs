using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Identity.Accounts;

/// <summary>The user office gives a person other roles; tokens tell them from the next one on.</summary>
public static class ChangeRoles
{
    internal static void Map(RouteGroupBuilder group) => group.MapPut("/{id:guid}/roles", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(
        Guid id, Request request, IdentityDb db, ClaimsPrincipal person, HttpRequest http, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var account = await db.Accounts.SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (account is null) return TypedResults.NotFound();
        http.RequireVersion(account.Version);
        var problems = AccountRules.Check(request.Roles);
        if (problems.Count > 0) throw RuleViolation.Invalid("account.invalid", "These roles cannot be given.", problems);
        AccountRules.RequireReason(request.Reason);
        account.ChangeRoles(request.Roles, person.Id, request.Reason, Guid.CreateVersion7(now), now);
        db.Publish(account.Registered(), time);
        await db.SaveChangesAsync(cancel);
        http.HttpContext.Response.TellVersion(account.Version);
        return TypedResults.NoContent();
    }

    /// <summary>All roles the person holds from now on, and why.</summary>
    public sealed record Request
    {
        /// <summary>Roles, scoped ones as <c>role@scope</c>.</summary>
        public required IReadOnlyList<string> Roles { get; init; }

        /// <summary>Why.</summary>
        public required string Reason { get; init; }
    }
}
