namespace Tutti.Contracts.Reduction;

/// <summary>Said by Reduction when a job has its result.</summary>
[Contract("reduction.reduction-completed", nameof(JobId))]
public sealed record ReductionCompleted
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The data set.</summary>
    public required Guid DataSetId { get; init; }

    /// <summary>Its proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Number of components.</summary>
    public required int Components { get; init; }

    /// <summary>Lack of fit, percent.</summary>
    public required double LofPercent { get; init; }

    /// <summary>Explained variance, percent.</summary>
    public required double R2Percent { get; init; }

    /// <summary>Why the iteration stopped.</summary>
    public required string StopReason { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset CompletedAt { get; init; }
}
