using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Proposals.Withdrawing;

/// <summary>A team takes its proposal back; what was held for it is released by the services that hold it.</summary>
public static class WithdrawProposal
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/{id:guid}/withdrawal", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, Request request, ProposalsDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var proposal = await db.Proposals.OfTeam(person.Id).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (proposal is null) return TypedResults.NotFound();
        if (string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > 2000)
            throw RuleViolation.Invalid("proposal.invalid", "A reason is needed.", [new("reason", "reason.missing", "1 to 2000 characters are needed.")]);
        var told = proposal.Status != ProposalStatus.Draft;
        proposal.Do(ProposalAction.Withdraw, person.Id, request.Reason, Guid.CreateVersion7(now), now);
        if (told)
            db.Publish(new ProposalWithdrawn { ProposalId = proposal.Id, CallId = proposal.CallId, Revision = proposal.NextRevision(), WithdrawnAt = now, Reason = request.Reason }, time);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    /// <summary>Why.</summary>
    public sealed record Request(string Reason);
}
