namespace Tutti.Contracts.CellPool;

/// <summary>Said by CellPool when what a laboratory has of a kind of equipment becomes known or changes (pieces, hours, outages, the laboratory itself): the full record, but not who has it when.</summary>
[Contract("cell-pool.equipment-published", nameof(LaboratoryCode))]
public sealed record EquipmentPublished
{
    /// <summary>The laboratory.</summary>
    public required string LaboratoryCode { get; init; }

    /// <summary>Code of the kind.</summary>
    public required string EquipmentKind { get; init; }

    /// <summary>Grows with every event of this laboratory and kind; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>How many pieces can be lent; 0 as long as the laboratory is not open.</summary>
    public required int Pieces { get; init; }

    /// <summary>The site where it is.</summary>
    public required string SiteCode { get; init; }

    /// <summary>Instruments that the laboratory serves.</summary>
    public required IReadOnlyList<string> InstrumentCodes { get; init; }

    /// <summary>Whether every instrument of the site may use it.</summary>
    public required bool SharedBySite { get; init; }

    /// <summary>Hours that it has to be asked for before it is first needed.</summary>
    public required int LeadHours { get; init; }

    /// <summary>Hours that it is needed before the first shift.</summary>
    public required int BeforeHours { get; init; }

    /// <summary>Hours that it is needed after the last shift.</summary>
    public required int AfterHours { get; init; }

    /// <summary>When pieces cannot be used.</summary>
    public required IReadOnlyList<EquipmentOutage> Outages { get; init; }
}

/// <summary>A time in which some pieces of equipment cannot be used.</summary>
public sealed record EquipmentOutage
{
    /// <summary>From.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Until; null: nobody knows the end.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>How many pieces.</summary>
    public required int Pieces { get; init; }
}
