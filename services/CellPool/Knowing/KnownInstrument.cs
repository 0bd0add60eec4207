namespace Tutti.CellPool.Knowing;

/// <summary>What CellPool needs to know of an instrument.</summary>
public sealed class KnownInstrument
{
    /// <summary>Code.</summary>
    public required string Code { get; init; }

    /// <summary>Revision of the record this was learnt from.</summary>
    public int Revision { get; set; }

    /// <summary>Site; cells have to get there.</summary>
    public string? SiteCode { get; set; }

    /// <summary>Whether it has left the scheme for good.</summary>
    public bool Retired { get; set; }

    /// <summary>Whether ex situ work is possible; null: not told.</summary>
    public bool? ExSitu { get; set; }

    /// <summary>Whether in situ work is possible; null: not told.</summary>
    public bool? InSitu { get; set; }

    /// <summary>Whether operando work is possible; null: not told.</summary>
    public bool? Operando { get; set; }

    /// <summary>Whether the instrument is known to exclude a mode.</summary>
    public bool Excludes(ExperimentMode mode) => mode switch
    {
        ExperimentMode.ExSitu => ExSitu == false,
        ExperimentMode.InSitu => InSitu == false,
        ExperimentMode.Operando => Operando == false,
    };
}
