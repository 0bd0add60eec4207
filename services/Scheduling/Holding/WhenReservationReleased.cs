using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Repairing;

namespace Tutti.Scheduling.Holding;

/// <summary>
/// The pool took a cell or a piece of equipment back that was still wanted: the plan must do without it. Where it was promised, that is a disturbance like one that people report, with options
/// for those who plan.
/// </summary>
public sealed class WhenReservationReleased(SchedulingDb db, TimeProvider time) : IConsumer<CellReservationReleased>, IConsumer<EquipmentReservationReleased>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<CellReservationReleased> context) => LoseAsync(context.Message.ReservationId, "cell.taken-back", context.Message.Reason, context.CancellationToken);

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<EquipmentReservationReleased> context) => LoseAsync(context.Message.ReservationId, "equipment.taken-back", context.Message.Reason, context.CancellationToken);

    private async Task LoseAsync(Guid id, string code, string reason, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (await db.Reservations.FindAsync([id], cancel) is not { IsLive: true } reservation) return;
        var lost = reservation.HeldCode;
        reservation.Refuse([new PlanRefusal { Code = code, Text = reason }], [new FreeInterval { From = reservation.To }]);
        var promised = await db.Experiments.Include(x => x.History).SingleOrDefaultAsync(x => x.Id == reservation.ExperimentId, cancel);
        if (promised is not { Status: ExperimentStatus.Scheduled, PlanId: { } plan, From: { } from, To: { } to } || !promised.Reservations.Contains(id)) return;
        var site = await db.Instruments.Where(x => x.Code == promised.InstrumentCode).Select(x => x.SiteCode).SingleOrDefaultAsync(cancel);
        var disturbance = new Disturbance
        {
            Id = Guid.CreateVersion7(now), SiteCode = site, From = from, To = to, Hit = [promised.Id], Reason = reason, By = null, At = now,
            Kind = reservation.Kind switch { ReservationKind.Cell => DisturbanceKind.CellWithdrawn, ReservationKind.Equipment => DisturbanceKind.EquipmentWithdrawn },
            CellCode = reservation.Kind == ReservationKind.Cell ? lost : null, LaboratoryCode = reservation.Kind == ReservationKind.Equipment ? lost : null,
            EquipmentKind = reservation.Kind == ReservationKind.Equipment ? reservation.Wanted : null,
        };
        promised.Lose(reservation.Need, reason, Guid.CreateVersion7(now), now);
        db.Add(disturbance);
        // The options are made from what is written now.
        await db.SaveChangesAsync(cancel);
        await ReportDisturbance.AddOptionsAsync(db, disturbance, plan, null, now, cancel);
    }
}
