namespace Tutti.Reduction.Knowing;

/// <summary>What Reduction needs to know of an instrument: whose staff may work with its data.</summary>
public sealed class KnownInstrument
{
    /// <summary>Code.</summary>
    public required string Code { get; init; }

    /// <summary>Revision of the record this was learnt from.</summary>
    public int Revision { get; set; }

    /// <summary>Its site.</summary>
    public string? SiteCode { get; set; }

    /// <summary>Its technique, where the record tells.</summary>
    public string? Technique { get; set; }

    /// <summary>Counts changes; a stale write is refused by it.</summary>
    public int Version { get; private set; }
}
