using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.CellPool.Lending;

/// <summary>A team takes its proposal back: everything held for it is released, and nothing is held for it later.</summary>
public sealed class WhenProposalWithdrawn(CellPoolDb db, TimeProvider time) : IConsumer<ProposalWithdrawn>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ProposalWithdrawn> context)
    {
        var (told, now) = (context.Message, time.GetUtcNow());
        var proposal = await db.Proposals.FindAsync([told.ProposalId], context.CancellationToken);
        if (proposal is null) db.Add(proposal = new ProposalLoans { ProposalId = told.ProposalId });
        if (proposal.WithdrawnAt is not null) return;
        proposal.WithdrawnAt = told.WithdrawnAt;
        var reason = $"The proposal was withdrawn: {told.Reason}";
        foreach (var held in await db.Reservations.Where(held => held.ProposalId == told.ProposalId && held.Status == ReservationStatus.Held).ToListAsync(context.CancellationToken))
            if (held.Release(ReservationCause.ProposalWithdrawn, null, reason, Guid.CreateVersion7(now), now)) await context.PublishAsync(held.Released(reason));
    }
}
