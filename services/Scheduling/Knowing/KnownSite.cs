namespace Tutti.Scheduling.Knowing;

/// <summary>What Scheduling needs to know of a site.</summary>
public sealed class KnownSite
{
    /// <summary>Code.</summary>
    public required string Code { get; init; }

    /// <summary>Revision of the record this was learnt from.</summary>
    public int Revision { get; set; }

    /// <summary>Two-letter code of its country.</summary>
    public string Country { get; set; } = "";

    /// <summary>IANA time zone by which the site aligns its shifts.</summary>
    public string TimeZone { get; set; } = "";
}
