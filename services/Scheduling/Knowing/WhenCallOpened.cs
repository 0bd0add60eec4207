using MassTransit;
using Tutti.Contracts.Proposals;

namespace Tutti.Scheduling.Knowing;

/// <summary>Learns what a call says of quotas, partners and rank.</summary>
public sealed class WhenCallOpened(SchedulingDb db) : IConsumer<CallOpened>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CallOpened> context)
    {
        var told = context.Message;
        var known = await db.Calls.FindAsync([told.CallId], context.CancellationToken);
        if (known is null) db.Add(known = new KnownCall { Id = told.CallId });
        else if (known.Revision >= told.Revision) return;
        (known.Revision, known.Partners, known.Quotas, known.RankMayBeInverted) = (told.Revision, told.Partners ?? [], told.Quotas ?? [], told.RankMayBeInverted ?? true);
    }
}
