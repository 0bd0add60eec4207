using MassTransit;
using Tutti.Contracts.Catalogue;

namespace Tutti.CellPool.Knowing;

/// <summary>Learns where an instrument stands, which modes it excludes, and that it left the scheme.</summary>
public sealed class WhenInstrumentPublished(CellPoolDb db) : IConsumer<InstrumentPublished>, IConsumer<InstrumentRetired>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<InstrumentPublished> context)
    {
        var told = context.Message;
        if (await NewerAsync(told.InstrumentCode, told.Revision, context.CancellationToken) is not { } known) return;
        (known.SiteCode, known.Retired) = (told.SiteCode, false);
        (known.ExSitu, known.InSitu, known.Operando) = (told.ExSitu, told.InSitu, told.Operando);
    }

    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<InstrumentRetired> context)
    {
        if (await NewerAsync(context.Message.InstrumentCode, context.Message.Revision, context.CancellationToken) is { } known) known.Retired = true;
    }

    private async Task<KnownInstrument?> NewerAsync(string code, int revision, CancellationToken cancel)
    {
        var known = await db.Instruments.FindAsync([code], cancel);
        if (known is null) db.Add(known = new KnownInstrument { Code = code });
        else if (known.Revision >= revision) return null;
        known.Revision = revision;
        return known;
    }
}
