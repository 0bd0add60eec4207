namespace Tutti.Contracts.Proposals;

/// <summary>Said by Proposals when the user office changes by what rules the shifts of a call are shared out, before or after it has closed: all of them, as they are from then on.</summary>
[Contract("proposals.call-terms-changed", nameof(CallId))]
public sealed record CallTermsChanged
{
    /// <summary>The call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>What partners are to get, and may have at most.</summary>
    public required IReadOnlyList<PartnerGuarantee> Partners { get; init; }

    /// <summary>The most shifts that instruments give; empty: what their calendars say.</summary>
    public required IReadOnlyList<InstrumentQuota> Quotas { get; init; }

    /// <summary>The most shifts that sites give, over all their instruments; null or empty: sites limit nothing.</summary>
    public IReadOnlyList<SiteQuota>? SiteQuotas { get; init; }

    /// <summary>Whether the plan may leave a proposal out for lower ranked ones where the sum is higher.</summary>
    public required bool RankMayBeInverted { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset ChangedAt { get; init; }
}
