using MassTransit;
using Tutti.Contracts.Catalogue;

namespace Tutti.Reduction.Knowing;

/// <summary>Learns which techniques there are.</summary>
public sealed class WhenTechniquePublished(ReductionDb db) : IConsumer<TechniquePublished>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<TechniquePublished> context)
    {
        var told = context.Message;
        var known = await db.Techniques.FindAsync([told.TechniqueCode], context.CancellationToken);
        if (known is null) db.Add(known = new KnownTechnique { Code = told.TechniqueCode });
        else if (known.Revision >= told.Revision) return;
        known.Revision = told.Revision;
    }
}
