namespace Tutti.Contracts.CellPool;

/// <summary>Said by CellPool when a piece of a laboratory's equipment is held for an experiment.</summary>
[Contract("cell-pool.equipment-reserved", nameof(ExperimentId))]
public sealed record EquipmentReserved
{
    /// <summary>The reservation.</summary>
    public required Guid ReservationId { get; init; }

    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>The laboratory.</summary>
    public required string LaboratoryCode { get; init; }

    /// <summary>What is held there.</summary>
    public required string EquipmentKind { get; init; }

    /// <summary>From when, the time before the first shift included.</summary>
    public required DateTimeOffset HeldFrom { get; init; }

    /// <summary>Until when, the time after the last shift included.</summary>
    public required DateTimeOffset HeldTo { get; init; }
}
