using MassTransit;
using Tutti.Contracts.Catalogue;

namespace Tutti.CellPool.Knowing;

/// <summary>Learns which equipment can be asked for, and what a laboratory should have at least.</summary>
public sealed class WhenEquipmentKindPublished(CellPoolDb db) : IConsumer<EquipmentKindPublished>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<EquipmentKindPublished> context)
    {
        var told = context.Message;
        var known = await db.EquipmentKinds.FindAsync([told.KindCode], context.CancellationToken);
        if (known is null) db.Add(known = new KnownEquipmentKind { Code = told.KindCode });
        else if (known.Revision >= told.Revision) return;
        (known.Revision, known.Name, known.Minimal, known.BeforeHours, known.LeadHours) = (told.Revision, told.Name, told.Minimal, told.BeforeHours, told.LeadHours);
    }
}
