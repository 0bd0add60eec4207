using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Registering;

/// <summary>The lead of the team changes licence and embargo of a data set; who did it and why is kept.</summary>
public static class ChangeTerms
{
    internal static void Map(RouteGroupBuilder group) => group.MapPut("/datasets/{id:guid}/terms", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(
        Guid id, Request request, ReductionDb db, ClaimsPrincipal person, TimeProvider time, HttpContext http, CancellationToken cancel)
    {
        var (now, by) = (http.ArrivedAt(time), person.Id);
        var set = await db.DataSets.Include(x => x.History).KnownTo(person, db, now).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (set is null) return TypedResults.NotFound();
        if (!await db.Members.AnyAsync(member => member.ProposalId == set.ProposalId && member.PersonId == by && member.Leads, cancel))
            throw RuleViolation.Forbidden("data-set.not-lead", "Licence and embargo are changed by the lead of the team.");
        http.Request.RequireVersion(set.Version);
        if (string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > TermsChange.MaxReason)
            throw RuleViolation.Invalid("data-set.invalid", "The terms cannot be changed like this.", [new("reason", "reason.length", $"A reason of 1 to {TermsChange.MaxReason} characters is needed.")]);
        set.SetTerms(Guid.CreateVersion7(now), request.Licence, request.EmbargoUntil, by, request.Reason.Trim(), now);
        await db.SaveChangesAsync(cancel);
        http.Response.TellVersion(set.Version);
        return TypedResults.Ok(new Response(set.Id, set.Licence, set.EmbargoUntil, set.IsPublic(now)));
    }

    /// <summary>The terms from now on; without a licence all rights are reserved.</summary>
    public sealed record Request
    {
        /// <summary>SPDX identifier, for example CC-BY-4.0.</summary>
        public required string? Licence { get; init; }

        /// <summary>End of the embargo.</summary>
        public required DateTimeOffset EmbargoUntil { get; init; }

        /// <summary>Why.</summary>
        public required string Reason { get; init; }
    }

    /// <summary>The terms as they are now.</summary>
    public sealed record Response(Guid Id, string? Licence, DateTimeOffset EmbargoUntil, bool Public);
}
