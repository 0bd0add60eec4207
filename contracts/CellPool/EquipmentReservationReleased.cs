namespace Tutti.Contracts.CellPool;

/// <summary>Said by CellPool when a hold of equipment has ended without use.</summary>
[Contract("cell-pool.equipment-reservation-released", nameof(ExperimentId))]
public sealed record EquipmentReservationReleased
{
    /// <summary>The reservation.</summary>
    public required Guid ReservationId { get; init; }

    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>The laboratory.</summary>
    public required string LaboratoryCode { get; init; }

    /// <summary>What was held there.</summary>
    public required string EquipmentKind { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}
