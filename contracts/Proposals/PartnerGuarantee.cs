namespace Tutti.Contracts.Proposals;

/// <summary>
/// What a partner of a call is to get, and may have at most: an institution by its code, or a country. A proposal counts by the institution of its principal investigator where that is named,
/// else by the institution's country.
/// </summary>
public sealed record PartnerGuarantee
{
    /// <summary>Two-letter code of a country; null: an institution is meant.</summary>
    public string? Country { get; init; }

    /// <summary>Code of an institution; null: a country is meant.</summary>
    public string? Partner { get; init; }

    /// <summary>Shifts that it is to get if that can be; null: none.</summary>
    public int? MinShifts { get; init; }

    /// <summary>Shifts that it gets at most; null: no limit.</summary>
    public int? MaxShifts { get; init; }
}
