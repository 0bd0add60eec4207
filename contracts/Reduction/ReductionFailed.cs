namespace Tutti.Contracts.Reduction;

/// <summary>Said by Reduction when a job ended without result.</summary>
[Contract("reduction.reduction-failed", nameof(JobId))]
public sealed record ReductionFailed
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The data set.</summary>
    public required Guid DataSetId { get; init; }

    /// <summary>Its proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Stable code.</summary>
    public required string Code { get; init; }

    /// <summary>The same in words.</summary>
    public required string Reason { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset FailedAt { get; init; }
}
