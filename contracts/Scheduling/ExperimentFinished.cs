namespace Tutti.Contracts.Scheduling;

/// <summary>Said by Scheduling when staff report that an experiment is over.</summary>
[Contract("scheduling.experiment-finished", nameof(ExperimentId))]
public sealed record ExperimentFinished
{
    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Its proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Shifts measured.</summary>
    public required int ShiftsUsed { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset FinishedAt { get; init; }
}
