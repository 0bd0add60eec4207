namespace Tutti.Contracts.Scheduling;

/// <summary>Said by Scheduling when a published plan has no place for a granted experiment.</summary>
[Contract("scheduling.experiment-unplaced", nameof(ExperimentId))]
public sealed record ExperimentUnplaced
{
    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Its proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Why.</summary>
    public required IReadOnlyList<PlanRefusal> Reasons { get; init; }
}
