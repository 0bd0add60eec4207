namespace Tutti.Contracts.CellPool;

/// <summary>Said by CellPool when no piece of equipment can be held as asked.</summary>
[Contract("cell-pool.equipment-reservation-refused", nameof(ExperimentId))]
public sealed record EquipmentReservationRefused
{
    /// <summary>The reservation asked for.</summary>
    public required Guid ReservationId { get; init; }

    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Why, for every laboratory that was considered.</summary>
    public required IReadOnlyList<ReservationRefusal> Reasons { get; init; }

    /// <summary>When an experiment of the same length could have one, earliest first; empty: never.</summary>
    public required IReadOnlyList<FreeInterval> NextFree { get; init; }
}
