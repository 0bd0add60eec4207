namespace Tutti.Scheduling.Knowing;

/// <summary>What Scheduling needs to know of an instrument.</summary>
public sealed class KnownInstrument
{
    /// <summary>Code.</summary>
    public required string Code { get; init; }

    /// <summary>Revision of the record this was learnt from.</summary>
    public int Revision { get; set; }

    /// <summary>Full name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Site; its staff keep the calendar.</summary>
    public string? SiteCode { get; set; }

    /// <summary>Main technique.</summary>
    public string Technique { get; set; } = "";

    /// <summary>Sources it shares with others that run one at a time.</summary>
    public IReadOnlyList<string> SharedSources { get; set; } = [];

    /// <summary>Whether proposals can ask for it.</summary>
    public bool InScheme { get; set; }

    /// <summary>Revision at which it left the scheme; 0: never.</summary>
    public int RetiredAtRevision { get; set; }

    /// <summary>Whether it has left the scheme: nothing new is planned on it.</summary>
    public bool IsRetired => RetiredAtRevision > Revision;
}
