namespace Tutti.Contracts.Review;

/// <summary>Said by Review when the chair has put a call's proposals in order.</summary>
[Contract("review.ranking-decided", nameof(CallId))]
public sealed record RankingDecided
{
    /// <summary>The call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>The proposals in order.</summary>
    public required IReadOnlyList<RankedProposal> Ranking { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset DecidedAt { get; init; }
}
