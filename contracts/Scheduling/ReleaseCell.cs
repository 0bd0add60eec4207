namespace Tutti.Contracts.Scheduling;

/// <summary>Asked by Scheduling of CellPool: let go what a reservation holds.</summary>
[Contract("scheduling.release-cell", nameof(ExperimentId))]
public sealed record ReleaseCell
{
    /// <summary>The reservation.</summary>
    public required Guid ReservationId { get; init; }

    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}
