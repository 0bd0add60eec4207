using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.Scheduling.Knowing;
using Tutti.Scheduling.Holding;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Withdrawing;

/// <summary>A team took its proposal back: shifts are free again, cells are let go, plans not yet published are made anew or have become stale.</summary>
public sealed class WhenProposalWithdrawn(SchedulingDb db, TimeProvider time) : IConsumer<ProposalWithdrawn>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ProposalWithdrawn> context)
    {
        var (told, cancel, now) = (context.Message, context.CancellationToken, time.GetUtcNow());
        var known = await db.Proposals.SingleOrDefaultAsync(x => x.Id == told.ProposalId, cancel);
        if (known is null) db.Add(known = new GrantedProposal { Id = told.ProposalId, CallId = told.CallId });
        (known.WithdrawnAt, known.WithdrawalReason) = (told.WithdrawnAt, told.Reason);

        var experiments = await db.Experiments.Include(x => x.History).Where(x => x.ProposalId == told.ProposalId).ToListAsync(cancel);
        foreach (var experiment in experiments) experiment.Cancel(told.Reason, Guid.CreateVersion7(now), told.WithdrawnAt);

        var over = experiments.Where(experiment => experiment.Status == ExperimentStatus.Done).Select(experiment => experiment.Id).ToHashSet();
        var reservations = await db.Reservations.Where(x => x.ProposalId == told.ProposalId && (x.Status == ReservationStatus.Asked || x.Status == ReservationStatus.Held)).ToListAsync(cancel);
        foreach (var reservation in reservations.Where(reservation => !over.Contains(reservation.ExperimentId)))
            await context.PublishAsync(reservation.Release("The proposal was withdrawn."));
    }
}
