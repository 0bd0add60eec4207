using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Repairing;

namespace Tutti.Scheduling.Holding;

/// <summary>
/// The pool took a cell back that was still wanted: the plan must do without it. Where it was promised, that is a disturbance like one that people report, with options for those who plan.
/// </summary>
public sealed class WhenCellReservationReleased(SchedulingDb db, TimeProvider time) : IConsumer<CellReservationReleased>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CellReservationReleased> context)
    {
        var (told, now) = (context.Message, time.GetUtcNow());
        if (await db.Reservations.FindAsync([told.ReservationId], context.CancellationToken) is not { IsLive: true } reservation) return;
        reservation.Refuse([new PlanRefusal { Code = "cell.taken-back", Text = told.Reason }], [new FreeInterval { From = reservation.To }]);
        var promised = await db.Experiments.Include(x => x.History).SingleOrDefaultAsync(x => x.ReservationId == told.ReservationId, context.CancellationToken);
        if (promised is not { Status: ExperimentStatus.Scheduled, PlanId: { } plan, From: { } from, To: { } to }) return;
        var site = await db.Instruments.Where(x => x.Code == promised.InstrumentCode).Select(x => x.SiteCode).SingleOrDefaultAsync(context.CancellationToken);
        var disturbance = new Disturbance
        {
            Id = Guid.CreateVersion7(now), Kind = DisturbanceKind.CellWithdrawn, SiteCode = site, From = from, To = to, CellCode = promised.CellCode, Hit = [promised.Id], Reason = told.Reason, By = null, At = now,
        };
        promised.LoseCell(told.Reason, Guid.CreateVersion7(now), now);
        db.Add(disturbance);
        // The options are made from what is written now.
        await db.SaveChangesAsync(context.CancellationToken);
        await ReportDisturbance.AddOptionsAsync(db, disturbance, plan, null, now, context.CancellationToken);
    }
}
