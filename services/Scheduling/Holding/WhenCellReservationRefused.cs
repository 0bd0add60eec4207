using MassTransit;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Holding;

/// <summary>The pool has no cell: the plan learns when there could be one.</summary>
public sealed class WhenCellReservationRefused(SchedulingDb db) : IConsumer<CellReservationRefused>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CellReservationRefused> context)
    {
        var told = context.Message;
        if (await db.Reservations.FindAsync([told.ReservationId], context.CancellationToken) is not { } reservation) return;
        var reasons = told.Reasons.Select(reason => new PlanRefusal { Code = reason.Code, Text = reason.Text }).ToList();
        if (reservation.Refuse(reasons, [.. told.NextFree.OrderBy(free => free.From)])) await context.PublishAsync(reservation.Release("The reservation was refused."));
    }
}
