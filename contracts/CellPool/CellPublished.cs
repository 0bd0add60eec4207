namespace Tutti.Contracts.CellPool;

/// <summary>Said by CellPool when a cell comes into the pool or its record changes (repair, return, retirement, what its design fits): the full record, but not who has it when.</summary>
[Contract("cell-pool.cell-published", nameof(CellCode))]
public sealed record CellPublished
{
    /// <summary>Code on its label.</summary>
    public required string CellCode { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Its design.</summary>
    public required string CellDesignCode { get; init; }

    /// <summary>Whether it can be lent now: it is in service, and its design can be lent.</summary>
    public required bool Lendable { get; init; }

    /// <summary>The site where it lives.</summary>
    public required string HomeSite { get; init; }

    /// <summary>Instruments for which it can be lent.</summary>
    public required IReadOnlyList<string> InstrumentCodes { get; init; }

    /// <summary>Hours that it is needed before the first shift, the way to the site not included.</summary>
    public required int BeforeHours { get; init; }

    /// <summary>Hours that it is needed after the last shift, the way home not included.</summary>
    public required int AfterHours { get; init; }

    /// <summary>Hours that it is under way to a site other than its own, each way.</summary>
    public required double ShippingHours { get; init; }
}
