namespace Tutti.Contracts.Proposals;

/// <summary>Said by Proposals when a team takes its proposal back; everything held for it is to be released.</summary>
[Contract("proposals.proposal-withdrawn", nameof(ProposalId))]
public sealed record ProposalWithdrawn
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Its call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset WithdrawnAt { get; init; }

    /// <summary>Reason given.</summary>
    public required string Reason { get; init; }
}
