namespace Tutti.Reduction.Knowing;

/// <summary>A technique of the vocabulary.</summary>
public sealed class KnownTechnique
{
    /// <summary>Code.</summary>
    public required string Code { get; init; }

    /// <summary>Revision of the record this was learnt from.</summary>
    public int Revision { get; set; }

    /// <summary>Counts changes; a stale write is refused by it.</summary>
    public int Version { get; private set; }
}
