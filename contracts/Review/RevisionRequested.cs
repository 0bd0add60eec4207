namespace Tutti.Contracts.Review;

/// <summary>Said by Review when staff or board want the proposal changed before they judge.</summary>
[Contract("review.revision-requested", nameof(ProposalId))]
public sealed record RevisionRequested
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The submission that is to be revised.</summary>
    public required int Submission { get; init; }

    /// <summary>The experiment in question; null: the whole.</summary>
    public Guid? ExperimentId { get; init; }

    /// <summary>What is to be changed.</summary>
    public required string Reason { get; init; }

    /// <summary>Who asks.</summary>
    public required Guid RequestedBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset RequestedAt { get; init; }
}
