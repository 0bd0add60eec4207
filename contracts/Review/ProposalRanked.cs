namespace Tutti.Contracts.Review;

/// <summary>Said by Review to every proposal of a ranking.</summary>
[Contract("review.proposal-ranked", nameof(ProposalId))]
public sealed record ProposalRanked
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Its call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>1 is best.</summary>
    public required int Rank { get; init; }

    /// <summary>Mean grade, 0 to 100.</summary>
    public required double Grade { get; init; }
}
