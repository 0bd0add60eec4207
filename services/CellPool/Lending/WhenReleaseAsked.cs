using MassTransit;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.CellPool.Lending;

/// <summary>Scheduling lets a reservation go. What has not arrived yet is remembered as released, so that nothing is held for it later.</summary>
public sealed class WhenReleaseAsked(CellPoolDb db, TimeProvider time) : IConsumer<ReleaseCell>, IConsumer<ReleaseEquipment>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ReleaseCell> context) => ReleaseAsync(context, context.Message.ReservationId, context.Message.ExperimentId, null, context.Message.Reason);

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ReleaseEquipment> context) =>
        ReleaseAsync(context, context.Message.ReservationId, context.Message.ExperimentId, context.Message.EquipmentKind, context.Message.Reason);

    private async Task ReleaseAsync(ConsumeContext context, Guid id, Guid experiment, string? equipmentKind, string reason)
    {
        var now = time.GetUtcNow();
        var reservation = await db.Reservations.FindAsync([id], context.CancellationToken);
        if (reservation is null) db.Add(Reservation.ReleaseBeforehand(id, experiment, equipmentKind, reason, Guid.CreateVersion7(now), now));
        else if (reservation.Release(ReservationCause.Release, null, reason, Guid.CreateVersion7(now), now)) await context.PublishAsync(reservation.Released(reason));
    }
}
