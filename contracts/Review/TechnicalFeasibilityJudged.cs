namespace Tutti.Contracts.Review;

/// <summary>Said by Review when instrument staff have judged one experiment.</summary>
[Contract("review.technical-feasibility-judged", nameof(ProposalId))]
public sealed record TechnicalFeasibilityJudged
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The submission that was judged.</summary>
    public required int Submission { get; init; }

    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>feasible, feasible-with-changes or not-feasible.</summary>
    public required string Verdict { get; init; }

    /// <summary>What the team should know.</summary>
    public string? Comment { get; init; }

    /// <summary>Who judged.</summary>
    public required Guid JudgedBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset JudgedAt { get; init; }
}
