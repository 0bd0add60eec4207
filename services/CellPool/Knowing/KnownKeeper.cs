namespace Tutti.CellPool.Knowing;

/// <summary>A person who keeps cells, or did.</summary>
public sealed class KnownKeeper
{
    /// <summary>The person.</summary>
    public required Guid Id { get; init; }

    /// <summary>Revision of the record this was learnt from.</summary>
    public int Revision { get; set; }

    /// <summary>Name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Whether the person keeps cells now.</summary>
    public bool KeepsCells { get; set; }
}
