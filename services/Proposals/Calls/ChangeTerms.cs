using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Proposals.Calls;

/// <summary>
/// The user office changes by what rules the shifts of a call are shared out, as long as its beamtime is not over: all of them, on the version of the call that it has seen. Plans that were made
/// by the terms before become stale; what teams were promised stays theirs.
/// </summary>
public static class ChangeTerms
{
    internal static void Map(RouteGroupBuilder group) => group.MapPut("/calls/{id:guid}/terms", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(
        Guid id, Request request, ProposalsDb db, ClaimsPrincipal person, HttpRequest http, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var call = await db.Calls.SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (call is null) return TypedResults.NotFound();
        http.RequireNamedVersion(call.Version);
        List<Problem> problems = [.. await CallTerms.CheckAsync(request.Terms, db, cancel)];
        if (string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > TermsChange.MaxReason) problems.Add(new("reason", "reason.missing", $"1 to {TermsChange.MaxReason} characters are needed."));
        if (problems.Count > 0) throw RuleViolation.Invalid("call.invalid", "The call cannot have these terms.", problems);
        call.ChangeTerms(request.Terms, person.Id, request.Reason.Trim(), Guid.CreateVersion7(now), now);
        db.Publish(new CallTermsChanged
        {
            CallId = call.Id, Revision = call.Revision, Partners = call.Terms.Partners, Quotas = call.Terms.Quotas, SiteQuotas = call.Terms.SiteQuotas,
            RankMayBeInverted = call.Terms.RankMayBeInverted, Reason = request.Reason.Trim(), ChangedAt = now,
        }, time);
        await db.SaveChangesAsync(cancel);
        http.HttpContext.Response.TellVersion(call.Version);
        return TypedResults.NoContent();
    }

    /// <summary>All terms from now on, and why.</summary>
    public sealed record Request
    {
        /// <summary>By what rules its shifts are shared out.</summary>
        public required CallTerms Terms { get; init; }

        /// <summary>Why.</summary>
        public required string Reason { get; init; }
    }
}
