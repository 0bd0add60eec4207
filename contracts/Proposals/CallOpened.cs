namespace Tutti.Contracts.Proposals;

/// <summary>Said by Proposals when a call is announced, and again with the new times when it is closed early; that its terms change is said by <c>CallTermsChanged</c>.</summary>
[Contract("proposals.call-opened", nameof(CallId))]
public sealed record CallOpened
{
    /// <summary>The call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Title.</summary>
    public required string Title { get; init; }

    /// <summary>First moment of submission.</summary>
    public required DateTimeOffset OpensAt { get; init; }

    /// <summary>Last moment of submission.</summary>
    public required DateTimeOffset ClosesAt { get; init; }

    /// <summary>Whether the advisory board judges every proposal.</summary>
    public required bool BoardFeasibilityRequired { get; init; }

    /// <summary>Chair of the panel.</summary>
    public required Guid PanelChairId { get; init; }

    /// <summary>Members of the panel, the chair among them.</summary>
    public required IReadOnlyList<Guid> PanelMemberIds { get; init; }

    /// <summary>Start of the period in which shifts are placed.</summary>
    public required DateTimeOffset BeamtimeFrom { get; init; }

    /// <summary>End of that period.</summary>
    public required DateTimeOffset BeamtimeTo { get; init; }

    /// <summary>What partners are to get, and may have at most; null or empty: nothing is said.</summary>
    public IReadOnlyList<PartnerGuarantee>? Partners { get; init; }

    /// <summary>The most shifts that instruments give; null or empty: what their calendars say.</summary>
    public IReadOnlyList<InstrumentQuota>? Quotas { get; init; }

    /// <summary>The most shifts that sites give, over all their instruments; null or empty: sites limit nothing.</summary>
    public IReadOnlyList<SiteQuota>? SiteQuotas { get; init; }

    /// <summary>Whether the plan may leave a proposal out for lower ranked ones where the sum is higher; null: it may.</summary>
    public bool? RankMayBeInverted { get; init; }
}
