using MassTransit;
using Tutti.Contracts.Catalogue;

namespace Tutti.CellPool.Knowing;

/// <summary>Learns where cells can live.</summary>
public sealed class WhenSitePublished(CellPoolDb db) : IConsumer<SitePublished>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<SitePublished> context)
    {
        var told = context.Message;
        var known = await db.Sites.FindAsync([told.SiteCode], context.CancellationToken);
        if (known is null) db.Add(known = new KnownSite { Code = told.SiteCode });
        else if (known.Revision >= told.Revision) return;
        (known.Revision, known.Name) = (told.Revision, told.Name);
    }
}
