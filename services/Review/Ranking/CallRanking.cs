using Tutti.Contracts.Review;

namespace Tutti.Review.Ranking;

/// <summary>One ranking of a call. A later one is a new row with the next revision; what it says of decided proposals changes no decision.</summary>
public sealed class CallRanking
{
    /// <summary>The call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>1 at the first ranking, one more at each later one.</summary>
    public required int Revision { get; init; }

    /// <summary>The proposals, best first.</summary>
    public required IReadOnlyList<RankedProposal> Order { get; init; }

    /// <summary>Who put them in order.</summary>
    public required Guid DecidedBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset DecidedAt { get; init; }
}
