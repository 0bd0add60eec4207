namespace Tutti.Contracts.Catalogue;

/// <summary>Said by Catalogue for every cell it knows of: the facts from which the cell pool starts.</summary>
[Contract("catalogue.cell-design-published", nameof(CellDesignCode))]
public sealed record CellDesignPublished
{
    /// <summary>Code of the design.</summary>
    public required string CellDesignCode { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Short name.</summary>
    public required string Name { get; init; }

    /// <summary>What is known of it.</summary>
    public required string Facts { get; init; }

    /// <summary>available, not-for-users, design, idea, in-development, planned, user-supplied or outside-ceric.</summary>
    public required string Status { get; init; }

    /// <summary>Instruments it fits, its home instrument first.</summary>
    public required IReadOnlyList<string> InstrumentCodes { get; init; }
}
