namespace Tutti.Contracts.Proposals;

/// <summary>Says that an experiment follows another one.</summary>
public sealed record ExperimentOrder
{
    /// <summary>The earlier experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Least time between its end and the start of the later one, hours.</summary>
    public required int MinGapHours { get; init; }

    /// <summary>Most time between, hours; null: any.</summary>
    public int? MaxGapHours { get; init; }
}
