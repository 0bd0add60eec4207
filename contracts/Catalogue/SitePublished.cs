namespace Tutti.Contracts.Catalogue;

/// <summary>Said by Catalogue when a site enters the catalogue or its record changes.</summary>
[Contract("catalogue.site-published", nameof(SiteCode))]
public sealed record SitePublished
{
    /// <summary>Code of the site, for example <c>elettra</c>.</summary>
    public required string SiteCode { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Full name.</summary>
    public required string Name { get; init; }

    /// <summary>City.</summary>
    public required string City { get; init; }

    /// <summary>Two-letter country code.</summary>
    public required string Country { get; init; }

    /// <summary>synchrotron, reactor, accelerator or laboratory.</summary>
    public required string Kind { get; init; }

    /// <summary>IANA time zone by which the site aligns its shifts.</summary>
    public required string TimeZone { get; init; }
}
