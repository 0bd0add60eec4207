namespace Tutti.Contracts.CellPool;

/// <summary>Said by CellPool when a hold has ended without use.</summary>
[Contract("cell-pool.cell-reservation-released", nameof(ExperimentId))]
public sealed record CellReservationReleased
{
    /// <summary>The reservation.</summary>
    public required Guid ReservationId { get; init; }

    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>The cell.</summary>
    public required Guid CellId { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}
