using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;

namespace Tutti.Scheduling.Holding;

/// <summary>The pool took a cell back that was still wanted: the plan must do without it, a published promise tells so in its history.</summary>
public sealed class WhenCellReservationReleased(SchedulingDb db, TimeProvider time) : IConsumer<CellReservationReleased>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CellReservationReleased> context)
    {
        var (told, now) = (context.Message, time.GetUtcNow());
        if (await db.Reservations.FindAsync([told.ReservationId], context.CancellationToken) is not { IsLive: true } reservation) return;
        reservation.Refuse([new PlanRefusal { Code = "cell.taken-back", Text = told.Reason }], [new FreeInterval { From = reservation.To }]);
        var promised = await db.Experiments.Include(x => x.History).SingleOrDefaultAsync(x => x.ReservationId == told.ReservationId, context.CancellationToken);
        promised?.LoseCell(told.Reason, Guid.CreateVersion7(now), now);
    }
}
