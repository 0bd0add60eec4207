namespace Tutti.Contracts.Proposals;

/// <summary>Said by Proposals when the user office closes a reported proposal.</summary>
[Contract("proposals.proposal-closed", nameof(ProposalId))]
public sealed record ProposalClosed
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Its call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }
}
