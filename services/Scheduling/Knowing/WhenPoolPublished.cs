using MassTransit;
using Tutti.Contracts.CellPool;

namespace Tutti.Scheduling.Knowing;

/// <summary>Learns which cells and which equipment there are to lend: plans ask for no more than that.</summary>
public sealed class WhenPoolPublished(SchedulingDb db) : IConsumer<CellPublished>, IConsumer<EquipmentPublished>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CellPublished> context)
    {
        var told = context.Message;
        var known = await db.Cells.FindAsync([told.CellCode], context.CancellationToken);
        if (known is null) db.Add(known = new KnownCell { Code = told.CellCode });
        else if (known.Revision >= told.Revision) return;
        (known.Revision, known.DesignCode, known.Lendable, known.HomeSite, known.InstrumentCodes) = (told.Revision, told.CellDesignCode, told.Lendable, told.HomeSite, told.InstrumentCodes);
        (known.BeforeHours, known.AfterHours, known.ShippingHours) = (told.BeforeHours, told.AfterHours, told.ShippingHours);
    }

    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<EquipmentPublished> context)
    {
        var told = context.Message;
        var known = await db.Equipment.FindAsync([told.LaboratoryCode, told.EquipmentKind], context.CancellationToken);
        if (known is null) db.Add(known = new KnownEquipment { LaboratoryCode = told.LaboratoryCode, Kind = told.EquipmentKind });
        else if (known.Revision >= told.Revision) return;
        (known.Revision, known.Pieces, known.SiteCode, known.InstrumentCodes, known.SharedBySite) = (told.Revision, told.Pieces, told.SiteCode, told.InstrumentCodes, told.SharedBySite);
        (known.LeadHours, known.BeforeHours, known.AfterHours, known.Outages) = (told.LeadHours, told.BeforeHours, told.AfterHours, told.Outages);
    }
}
