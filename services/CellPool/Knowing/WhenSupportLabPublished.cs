using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.CellPool.Lending;
using Tutti.Contracts.Catalogue;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.CellPool.Knowing;

/// <summary>Learns of a laboratory and what it has; what does not fit into it any more is let go, and what can be lent from now on is told.</summary>
public sealed class WhenSupportLabPublished(CellPoolDb db, TimeProvider time) : IConsumer<SupportLabPublished>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<SupportLabPublished> context)
    {
        var (told, now) = (context.Message, time.GetUtcNow());
        var laboratory = await db.Laboratories.Include(x => x.Equipment).SingleOrDefaultAsync(x => x.Code == told.LaboratoryCode, context.CancellationToken);
        if (laboratory is null) db.Add(laboratory = Laboratory.Learn(told.LaboratoryCode));
        if (!laboratory.Renew(told)) return;
        var kinds = await db.EquipmentKinds.AsNoTracking().ToDictionaryAsync(kind => kind.Code, context.CancellationToken);
        foreach (var equipment in laboratory.Equipment)
        {
            foreach (var released in await db.TakeBackAsync(laboratory, equipment, null, $"The catalogue tells otherwise of {laboratory.Name}.", now, context.CancellationToken)) await context.PublishAsync(released);
            await context.PublishAsync(equipment.Tell(laboratory, kinds.GetValueOrDefault(equipment.Kind)));
        }
    }
}
