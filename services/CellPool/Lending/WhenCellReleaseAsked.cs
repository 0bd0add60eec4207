using MassTransit;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.CellPool.Lending;

/// <summary>Scheduling lets a reservation go. What has not arrived yet is remembered as released, so that nothing is held for it later.</summary>
public sealed class WhenCellReleaseAsked(CellPoolDb db, TimeProvider time) : IConsumer<ReleaseCell>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ReleaseCell> context)
    {
        var (asked, now) = (context.Message, time.GetUtcNow());
        var reservation = await db.Reservations.FindAsync([asked.ReservationId], context.CancellationToken);
        if (reservation is null) db.Add(Reservation.ReleaseBeforehand(asked.ReservationId, asked.ExperimentId, asked.Reason, Guid.CreateVersion7(now), now));
        else if (reservation.Release(ReservationCause.Release, null, asked.Reason, Guid.CreateVersion7(now), now)) await context.PublishAsync(reservation.Released(asked.Reason));
    }
}
