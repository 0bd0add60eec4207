using MassTransit;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Holding;

/// <summary>The pool holds a cell; one that is not wanted any more is let go again.</summary>
public sealed class WhenCellReserved(SchedulingDb db) : IConsumer<CellReserved>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CellReserved> context)
    {
        var told = context.Message;
        var reservation = await db.Reservations.FindAsync([told.ReservationId], context.CancellationToken);
        if (reservation?.Hold(told.CellCode) == true) return;
        await context.PublishAsync(new ReleaseCell { ReservationId = told.ReservationId, ExperimentId = told.ExperimentId, Reason = "The reservation is not wanted any more." });
    }
}
