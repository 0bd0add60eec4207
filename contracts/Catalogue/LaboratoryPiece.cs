namespace Tutti.Contracts.Catalogue;

/// <summary>A piece of equipment that the source names.</summary>
public sealed record LaboratoryPiece
{
    /// <summary>Code of its kind.</summary>
    public required string Kind { get; init; }

    /// <summary>The source's own words for it.</summary>
    public required string Words { get; init; }
}
