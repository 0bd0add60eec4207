namespace Tutti.Contracts.CellPool;

/// <summary>A time in which a cell, or a piece of equipment, could be held.</summary>
public sealed record FreeInterval
{
    /// <summary>From.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Until; null: open.</summary>
    public DateTimeOffset? To { get; init; }
}
