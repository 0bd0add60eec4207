namespace Tutti.CellPool.Knowing;

/// <summary>A site where cells can live.</summary>
public sealed class KnownSite
{
    /// <summary>Code.</summary>
    public required string Code { get; init; }

    /// <summary>Revision of the record this was learnt from.</summary>
    public int Revision { get; set; }

    /// <summary>Name.</summary>
    public string Name { get; set; } = "";
}
