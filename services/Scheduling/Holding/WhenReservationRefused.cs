using MassTransit;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Holding;

/// <summary>The pool has no cell, or no piece of equipment: the plan learns when there could be one.</summary>
public sealed class WhenReservationRefused(SchedulingDb db) : IConsumer<CellReservationRefused>, IConsumer<EquipmentReservationRefused>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<CellReservationRefused> context) => RefuseAsync(context, context.Message.ReservationId, context.Message.Reasons, context.Message.NextFree);

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<EquipmentReservationRefused> context) => RefuseAsync(context, context.Message.ReservationId, context.Message.Reasons, context.Message.NextFree);

    private async Task RefuseAsync(ConsumeContext context, Guid id, IReadOnlyList<ReservationRefusal> why, IReadOnlyList<FreeInterval> nextFree)
    {
        if (await db.Reservations.FindAsync([id], context.CancellationToken) is not { } reservation) return;
        var reasons = why.Select(reason => new PlanRefusal { Code = reason.Code, Text = reason.Text }).ToList();
        if (reservation.Refuse(reasons, [.. nextFree.OrderBy(free => free.From)])) await context.PublishAsync(reservation.Release("The reservation was refused."));
    }
}
