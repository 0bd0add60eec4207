namespace Tutti.Contracts.Proposals;

/// <summary>Said by Proposals when the decision is to wait for freed shifts.</summary>
[Contract("proposals.proposal-placed-on-reserve", nameof(ProposalId))]
public sealed record ProposalPlacedOnReserve
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Its call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }
}
