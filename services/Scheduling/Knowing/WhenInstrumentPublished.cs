using MassTransit;
using Tutti.Contracts.Catalogue;

namespace Tutti.Scheduling.Knowing;

/// <summary>Learns where an instrument stands and what it shares, and that it left the scheme.</summary>
public sealed class WhenInstrumentPublished(SchedulingDb db) : IConsumer<InstrumentPublished>, IConsumer<InstrumentRetired>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<InstrumentPublished> context)
    {
        var told = context.Message;
        var known = await KnownAsync(told.InstrumentCode, context.CancellationToken);
        if (known.Revision >= told.Revision) return;
        (known.Revision, known.Name, known.SiteCode, known.Technique, known.SharedSources, known.InScheme) = (told.Revision, told.Name, told.SiteCode, told.Technique, told.SharedSources, told.InScheme);
    }

    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<InstrumentRetired> context)
    {
        var known = await KnownAsync(context.Message.InstrumentCode, context.CancellationToken);
        known.RetiredAtRevision = Math.Max(known.RetiredAtRevision, context.Message.Revision);
    }

    private async Task<KnownInstrument> KnownAsync(string code, CancellationToken cancel)
    {
        var known = await db.Instruments.FindAsync([code], cancel);
        if (known is null) db.Add(known = new KnownInstrument { Code = code });
        return known;
    }
}
