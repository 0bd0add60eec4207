using MassTransit;
using Tutti.Contracts.Catalogue;

namespace Tutti.Scheduling.Knowing;

/// <summary>Learns by which clock a site aligns its shifts.</summary>
public sealed class WhenSitePublished(SchedulingDb db) : IConsumer<SitePublished>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<SitePublished> context)
    {
        var told = context.Message;
        var known = await db.Sites.FindAsync([told.SiteCode], context.CancellationToken);
        if (known is null) db.Add(known = new KnownSite { Code = told.SiteCode });
        else if (known.Revision >= told.Revision) return;
        (known.Revision, known.Country, known.TimeZone) = (told.Revision, told.Country, told.TimeZone);
    }
}
