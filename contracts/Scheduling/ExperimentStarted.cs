namespace Tutti.Contracts.Scheduling;

/// <summary>Said by Scheduling when staff report that an experiment has beam.</summary>
[Contract("scheduling.experiment-started", nameof(ExperimentId))]
public sealed record ExperimentStarted
{
    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Its proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset StartedAt { get; init; }
}
