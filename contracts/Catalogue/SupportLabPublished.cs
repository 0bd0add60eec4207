namespace Tutti.Contracts.Catalogue;

/// <summary>Said by Catalogue for every laboratory that supports instruments, when it enters the catalogue or its record changes: the full record.</summary>
[Contract("catalogue.support-lab-published", nameof(LaboratoryCode))]
public sealed record SupportLabPublished
{
    /// <summary>Code of the laboratory.</summary>
    public required string LaboratoryCode { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>The site where it is.</summary>
    public required string SiteCode { get; init; }

    /// <summary>available, partial, planned, missing or outside-ceric.</summary>
    public required string Status { get; init; }

    /// <summary>What it has, each piece that the source names.</summary>
    public required IReadOnlyList<LaboratoryPiece> Equipment { get; init; }

    /// <summary>Instruments it serves.</summary>
    public required IReadOnlyList<string> InstrumentCodes { get; init; }

    /// <summary>What else is known of it.</summary>
    public required string Notes { get; init; }
}
