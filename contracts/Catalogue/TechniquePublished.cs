namespace Tutti.Contracts.Catalogue;

/// <summary>Said by Catalogue when a technique enters the vocabulary or its record changes.</summary>
[Contract("catalogue.technique-published", nameof(TechniqueCode))]
public sealed record TechniquePublished
{
    /// <summary>Code of the technique, for example <c>xas</c>.</summary>
    public required string TechniqueCode { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Full name.</summary>
    public required string Name { get; init; }

    /// <summary>Family of techniques.</summary>
    public required string Family { get; init; }

    /// <summary>What hits the sample: x-ray, neutron, ...</summary>
    public required string Probe { get; init; }

    /// <summary>Instruments that offer it.</summary>
    public required IReadOnlyList<string> InstrumentCodes { get; init; }
}
