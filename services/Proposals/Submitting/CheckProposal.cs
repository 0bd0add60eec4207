using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Proposals.Submitting;

/// <summary>A team asks what is still missing before it can submit; nothing is changed.</summary>
public static class CheckProposal
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/{id:guid}/submission/problems", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, ProposalsDb db, ClaimsPrincipal person, CancellationToken cancel)
    {
        var proposal = await db.Proposals.AsNoTracking().OfTeam(person.Id).Include(x => x.Team).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (proposal is null) return TypedResults.NotFound();
        var needs = await SubmissionNeeds.LoadAsync(proposal, db, cancel);
        return TypedResults.Ok(new Response(needs.Check(proposal)));
    }

    /// <summary>All that is missing; empty: it can be submitted.</summary>
    public sealed record Response(IReadOnlyList<Problem> Problems);
}
