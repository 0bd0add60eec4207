namespace Tutti.Contracts.Scheduling;

/// <summary>Asked by Scheduling of CellPool: let go the equipment that a reservation holds.</summary>
[Contract("scheduling.release-equipment", nameof(ExperimentId))]
public sealed record ReleaseEquipment
{
    /// <summary>The reservation.</summary>
    public required Guid ReservationId { get; init; }

    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>The kind that was asked for.</summary>
    public required string EquipmentKind { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}
