namespace Tutti.Contracts.Proposals;

/// <summary>Said by Proposals when the decision is negative; its contents stay confidential.</summary>
[Contract("proposals.proposal-rejected", nameof(ProposalId))]
public sealed record ProposalRejected
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Its call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Why, by code.</summary>
    public required IReadOnlyList<string> ReasonCodes { get; init; }
}
