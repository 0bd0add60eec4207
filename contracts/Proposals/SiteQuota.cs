namespace Tutti.Contracts.Proposals;

/// <summary>The most shifts that a site gives in a call, over all its instruments.</summary>
public sealed record SiteQuota
{
    /// <summary>The site.</summary>
    public required string SiteCode { get; init; }

    /// <summary>Shifts.</summary>
    public required int Shifts { get; init; }
}
