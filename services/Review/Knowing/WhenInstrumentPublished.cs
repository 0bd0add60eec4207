using MassTransit;
using Tutti.Contracts.Catalogue;

namespace Tutti.Review.Knowing;

/// <summary>Learns at which site an instrument stands, and that it left the scheme.</summary>
public sealed class WhenInstrumentPublished(ReviewDb db) : IConsumer<InstrumentPublished>, IConsumer<InstrumentRetired>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<InstrumentPublished> context) =>
        (await KnownAsync(context.Message.InstrumentCode, context.CancellationToken)).Learn(context.Message.Revision, context.Message.SiteCode);

    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<InstrumentRetired> context) =>
        (await KnownAsync(context.Message.InstrumentCode, context.CancellationToken)).Retire();

    private async Task<KnownInstrument> KnownAsync(string code, CancellationToken cancel)
    {
        var known = await db.Instruments.FindAsync([code], cancel);
        if (known is null) db.Add(known = new KnownInstrument { Code = code });
        return known;
    }
}
