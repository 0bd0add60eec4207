namespace Tutti.Contracts.Review;

/// <summary>One line of a ranking.</summary>
public sealed record RankedProposal
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>1 is best.</summary>
    public required int Rank { get; init; }

    /// <summary>Mean grade, 0 to 100.</summary>
    public required double Grade { get; init; }
}
