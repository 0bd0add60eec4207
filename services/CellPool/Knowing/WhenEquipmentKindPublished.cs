using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Catalogue;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.CellPool.Knowing;

/// <summary>Learns which equipment can be asked for, and what a laboratory should have at least; where no keeper has said otherwise, its hours are told of what laboratories have.</summary>
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
        foreach (var laboratory in await db.Laboratories.Include(x => x.Equipment).Where(x => x.Equipment.Any(one => one.Kind == told.KindCode && (one.BeforeHours == null || one.LeadHours == null))).OrderBy(x => x.Code).ToListAsync(context.CancellationToken))
            if (laboratory.Find(told.KindCode) is { } equipment) await context.PublishAsync(equipment.Tell(laboratory, known));
    }
}
