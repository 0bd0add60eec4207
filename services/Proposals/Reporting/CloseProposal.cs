using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Proposals.Reporting;

/// <summary>The user office closes a reported proposal: nothing is owed any more.</summary>
public static class CloseProposal
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/{id:guid}/closing", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, ProposalsDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var proposal = await db.Proposals.SingleOrDefaultAsync(x => x.Id == id && x.Status != ProposalStatus.Draft, cancel);
        if (proposal is null) return TypedResults.NotFound();
        proposal.Do(ProposalAction.Close, person.Id, null, Guid.CreateVersion7(now), now);
        db.Publish(new ProposalClosed { ProposalId = proposal.Id, CallId = proposal.CallId, Revision = proposal.NextRevision() }, time);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }
}
