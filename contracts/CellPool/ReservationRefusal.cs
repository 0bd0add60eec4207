namespace Tutti.Contracts.CellPool;

/// <summary>A reason why no cell, or no piece of equipment, could be held.</summary>
public sealed record ReservationRefusal
{
    /// <summary>Stable code.</summary>
    public required string Code { get; init; }

    /// <summary>The same in words.</summary>
    public required string Text { get; init; }
}
