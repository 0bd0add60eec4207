using MassTransit;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Holding;

/// <summary>The pool holds a cell or a piece of equipment; what is not wanted any more is let go again.</summary>
public sealed class WhenReserved(SchedulingDb db) : IConsumer<CellReserved>, IConsumer<EquipmentReserved>
{
    private const string Unwanted = "The reservation is not wanted any more.";

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<CellReserved> context)
    {
        var told = context.Message;
        return HoldAsync(context, told.ReservationId, told.CellCode, new ReleaseCell { ReservationId = told.ReservationId, ExperimentId = told.ExperimentId, Reason = Unwanted });
    }

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<EquipmentReserved> context)
    {
        var told = context.Message;
        return HoldAsync(context, told.ReservationId, told.LaboratoryCode, new ReleaseEquipment
        {
            ReservationId = told.ReservationId, ExperimentId = told.ExperimentId, EquipmentKind = told.EquipmentKind, Reason = Unwanted,
        });
    }

    private async Task HoldAsync(ConsumeContext context, Guid id, string code, object release)
    {
        var reservation = await db.Reservations.FindAsync([id], context.CancellationToken);
        if (reservation?.Hold(code) != true) await context.PublishAsync(release);
    }
}
