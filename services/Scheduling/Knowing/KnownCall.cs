using Tutti.Contracts.Proposals;

namespace Tutti.Scheduling.Knowing;

/// <summary>What Scheduling needs to know of a call.</summary>
public sealed class KnownCall
{
    /// <summary>The call.</summary>
    public required Guid Id { get; init; }

    /// <summary>Revision of the record this was learnt from.</summary>
    public int Revision { get; set; }

    /// <summary>What its partners are to get, and may have at most.</summary>
    public IReadOnlyList<PartnerGuarantee> Partners { get; set; } = [];

    /// <summary>The most shifts that instruments give in it.</summary>
    public IReadOnlyList<InstrumentQuota> Quotas { get; set; } = [];

    /// <summary>The most shifts that sites give in it, over all their instruments.</summary>
    public IReadOnlyList<SiteQuota> SiteQuotas { get; set; } = [];

    /// <summary>Whether a proposal may be left out for lower ranked ones where the sum is higher.</summary>
    public bool RankMayBeInverted { get; set; } = true;

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>The most shifts of an instrument in it; null: no limit.</summary>
    public int? QuotaOf(string instrument) => Quotas.FirstOrDefault(one => one.InstrumentCode == instrument)?.Shifts;

    /// <summary>To whose guarantee a proposal counts: that of its leader's institution, else that of the institution's country; null: to none.</summary>
    public PartnerGuarantee? PartnerOf(GrantedProposal proposal) =>
        Partners.FirstOrDefault(one => one.Partner is { } partner && partner == proposal.LeaderGroup) ?? Partners.FirstOrDefault(one => one.Country is { } country && country == proposal.LeaderCountry);
}
