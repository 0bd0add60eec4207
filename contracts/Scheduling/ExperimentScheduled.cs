namespace Tutti.Contracts.Scheduling;

/// <summary>Said by Scheduling when an experiment has its published shifts, and its cell and laboratory equipment where it needs them.</summary>
[Contract("scheduling.experiment-scheduled", nameof(ExperimentId))]
public sealed record ExperimentScheduled
{
    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Its proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>The shifts, in order.</summary>
    public required IReadOnlyList<ShiftInterval> Shifts { get; init; }

    /// <summary>The cell held for it.</summary>
    public string? CellCode { get; init; }

    /// <summary>Laboratory equipment held for it; null or empty: none.</summary>
    public IReadOnlyList<HeldEquipment>? Equipment { get; init; }

    /// <summary>When it was published.</summary>
    public required DateTimeOffset ScheduledAt { get; init; }
}
