namespace Tutti.Contracts.CellPool;

/// <summary>Said by CellPool when a cell is held for an experiment.</summary>
[Contract("cell-pool.cell-reserved", nameof(ExperimentId))]
public sealed record CellReserved
{
    /// <summary>The reservation.</summary>
    public required Guid ReservationId { get; init; }

    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>The cell.</summary>
    public required Guid CellId { get; init; }

    /// <summary>Its code.</summary>
    public required string CellCode { get; init; }

    /// <summary>From when, shipping and preparation included.</summary>
    public required DateTimeOffset HeldFrom { get; init; }

    /// <summary>Until when, return and cleaning included.</summary>
    public required DateTimeOffset HeldTo { get; init; }
}
