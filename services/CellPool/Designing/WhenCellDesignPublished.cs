using MassTransit;
using Tutti.Contracts.Catalogue;

namespace Tutti.CellPool.Designing;

/// <summary>Learns of a design from the catalogue's facts.</summary>
public sealed class WhenCellDesignPublished(CellPoolDb db, TimeProvider time) : IConsumer<CellDesignPublished>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CellDesignPublished> context)
    {
        var told = context.Message;
        var design = await db.Designs.FindAsync([told.CellDesignCode], context.CancellationToken);
        if (design is null) db.Add(design = CellDesign.Learn(told.CellDesignCode, time.GetUtcNow()));
        design.Renew(told.Revision, told.Name, told.Facts, told.Status, told.InstrumentCodes);
    }
}
