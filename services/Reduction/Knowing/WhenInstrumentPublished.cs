using MassTransit;
using Tutti.Contracts.Catalogue;

namespace Tutti.Reduction.Knowing;

/// <summary>Learns at which site an instrument stands, and what it measures by.</summary>
public sealed class WhenInstrumentPublished(ReductionDb db) : IConsumer<InstrumentPublished>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<InstrumentPublished> context)
    {
        var told = context.Message;
        var known = await db.Instruments.FindAsync([told.InstrumentCode], context.CancellationToken);
        if (known is null) db.Add(known = new KnownInstrument { Code = told.InstrumentCode });
        else if (known.Revision >= told.Revision) return;
        (known.Revision, known.SiteCode, known.Technique) = (told.Revision, told.SiteCode, told.Technique);
    }
}
