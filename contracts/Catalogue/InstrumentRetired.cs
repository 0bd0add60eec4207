namespace Tutti.Contracts.Catalogue;

/// <summary>Said by Catalogue when an instrument leaves the scheme for good.</summary>
[Contract("catalogue.instrument-retired", nameof(InstrumentCode))]
public sealed record InstrumentRetired
{
    /// <summary>Code of the instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }
}
