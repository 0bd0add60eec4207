namespace Tutti.Contracts.Review;

/// <summary>Said by Review when the panel has graded a proposal.</summary>
[Contract("review.evaluation-completed", nameof(ProposalId))]
public sealed record EvaluationCompleted
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Its call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Mean grade, 0 to 100.</summary>
    public required double Grade { get; init; }

    /// <summary>How many members graded.</summary>
    public required int Grades { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset CompletedAt { get; init; }
}
