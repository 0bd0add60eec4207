namespace Tutti.Contracts.Catalogue;

/// <summary>Said by Catalogue when an instrument enters the catalogue or its record changes: the full record.</summary>
[Contract("catalogue.instrument-published", nameof(InstrumentCode))]
public sealed record InstrumentPublished
{
    /// <summary>Code of the instrument, for example <c>elettra-xafs</c>.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Full name.</summary>
    public required string Name { get; init; }

    /// <summary>Site where it stands; null for a candidate without a home.</summary>
    public string? SiteCode { get; init; }

    /// <summary>Partner that offers it.</summary>
    public string? PartnerCode { get; init; }

    /// <summary>described, under-construction or candidate.</summary>
    public required string Status { get; init; }

    /// <summary>Whether it can be asked for in a proposal.</summary>
    public required bool InScheme { get; init; }

    /// <summary>Main technique.</summary>
    public required string Technique { get; init; }

    /// <summary>All techniques.</summary>
    public required IReadOnlyList<string> Techniques { get; init; }

    /// <summary>Codes of sample environments on offer.</summary>
    public required IReadOnlyList<string> SampleEnvironment { get; init; }

    /// <summary>Codes of constraints on sample and cell.</summary>
    public required IReadOnlyList<string> SampleConstraints { get; init; }

    /// <summary>Whether ex situ work is possible; null: not told.</summary>
    public bool? ExSitu { get; init; }

    /// <summary>Whether in situ work is possible; null: not told.</summary>
    public bool? InSitu { get; init; }

    /// <summary>Whether operando work is possible; null: not told.</summary>
    public bool? Operando { get; init; }

    /// <summary>Sources it shares with others that run one at a time.</summary>
    public required IReadOnlyList<string> SharedSources { get; init; }
}
