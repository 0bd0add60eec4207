using MassTransit;
using Tutti.Contracts.Proposals;

namespace Tutti.Scheduling.Knowing;

/// <summary>Learns what a call says of quotas, partners and rank, and that it says otherwise.</summary>
public sealed class WhenCallTold(SchedulingDb db) : IConsumer<CallOpened>, IConsumer<CallTermsChanged>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<CallOpened> context)
    {
        var told = context.Message;
        return LearnAsync(told.CallId, told.Revision, told.Partners ?? [], told.Quotas ?? [], told.SiteQuotas ?? [], told.RankMayBeInverted ?? true, context.CancellationToken);
    }

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<CallTermsChanged> context)
    {
        var told = context.Message;
        return LearnAsync(told.CallId, told.Revision, told.Partners, told.Quotas, told.SiteQuotas ?? [], told.RankMayBeInverted, context.CancellationToken);
    }

    private async Task LearnAsync(
        Guid call, int revision, IReadOnlyList<PartnerGuarantee> partners, IReadOnlyList<InstrumentQuota> quotas, IReadOnlyList<SiteQuota> siteQuotas, bool rankMayBeInverted, CancellationToken cancel)
    {
        var known = await db.Calls.FindAsync([call], cancel);
        if (known is null) db.Add(known = new KnownCall { Id = call });
        else if (known.Revision >= revision) return;
        (known.Revision, known.Partners, known.Quotas, known.SiteQuotas, known.RankMayBeInverted) = (revision, partners, quotas, siteQuotas, rankMayBeInverted);
    }
}
