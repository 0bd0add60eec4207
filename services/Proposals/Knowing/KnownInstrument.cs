namespace Tutti.Proposals.Knowing;

/// <summary>What Proposals needs to know of an instrument.</summary>
public sealed class KnownInstrument
{
    /// <summary>Code.</summary>
    public required string Code { get; init; }

    /// <summary>Revision of the record this was learnt from.</summary>
    public int Revision { get; set; }

    /// <summary>Site; staff of it see proposals that ask for the instrument.</summary>
    public string? SiteCode { get; set; }

    /// <summary>Whether it can be asked for (R65).</summary>
    public bool InScheme { get; set; }

    /// <summary>Whether ex situ work is possible; null: not told.</summary>
    public bool? ExSitu { get; set; }

    /// <summary>Whether in situ work is possible; null: not told.</summary>
    public bool? InSitu { get; set; }

    /// <summary>Whether operando work is possible; null: not told.</summary>
    public bool? Operando { get; set; }

    /// <summary>Counts changes: of two revisions heard at once by two replicas the newer one stays.</summary>
    public int Version { get; private set; }

    /// <summary>Whether the instrument is known to exclude a mode.</summary>
    public bool Excludes(ExperimentMode mode) => mode switch
    {
        ExperimentMode.ExSitu => ExSitu == false,
        ExperimentMode.InSitu => InSitu == false,
        ExperimentMode.Operando => Operando == false,
    };
}
