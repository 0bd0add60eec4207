namespace Tutti.Contracts.Review;

/// <summary>Said by Review when the advisory board has judged cell, sample and environment.</summary>
[Contract("review.board-feasibility-judged", nameof(ProposalId))]
public sealed record BoardFeasibilityJudged
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The submission that was judged.</summary>
    public required int Submission { get; init; }

    /// <summary>feasible, feasible-with-changes or not-feasible.</summary>
    public required string Verdict { get; init; }

    /// <summary>What the team should know.</summary>
    public string? Comment { get; init; }

    /// <summary>Who judged.</summary>
    public required Guid JudgedBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset JudgedAt { get; init; }
}
