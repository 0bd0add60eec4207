using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.CellPool.Lending;
using Tutti.Contracts.Catalogue;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.CellPool.Designing;

/// <summary>Learns of a design from the catalogue's facts, and tells what can be lent of its cells from now on.</summary>
public sealed class WhenCellDesignPublished(CellPoolDb db, ShippingTime shipping, TimeProvider time) : IConsumer<CellDesignPublished>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CellDesignPublished> context)
    {
        var told = context.Message;
        var design = await db.Designs.FindAsync([told.CellDesignCode], context.CancellationToken);
        if (design is null) db.Add(design = CellDesign.Learn(told.CellDesignCode, time.GetUtcNow()));
        if (!design.Renew(told.Revision, told.Name, told.Facts, told.Status, told.InstrumentCodes)) return;
        foreach (var cell in await db.Cells.Where(cell => cell.DesignCode == told.CellDesignCode && cell.State != ServiceState.Retired).OrderBy(cell => cell.Code).ToListAsync(context.CancellationToken))
            await context.PublishAsync(cell.Tell(design, shipping));
    }
}
