using MassTransit;
using Tutti.Contracts.Catalogue;

namespace Tutti.Proposals.Knowing;

/// <summary>Learns which laboratory equipment can be asked for.</summary>
public sealed class WhenEquipmentKindPublished(ProposalsDb db) : IConsumer<EquipmentKindPublished>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<EquipmentKindPublished> context)
    {
        var code = context.Message.KindCode;
        if (await db.EquipmentKinds.FindAsync([code], context.CancellationToken) is null) db.Add(new KnownEquipmentKind { Code = code });
    }
}
