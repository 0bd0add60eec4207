namespace Tutti.Contracts.Catalogue;

/// <summary>Said by Catalogue for every kind of laboratory equipment that can be asked for, when it enters the vocabulary or its record changes.</summary>
[Contract("catalogue.equipment-kind-published", nameof(KindCode))]
public sealed record EquipmentKindPublished
{
    /// <summary>Code, for example <c>glove-box</c>.</summary>
    public required string KindCode { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether every laboratory should have one.</summary>
    public required bool Minimal { get; init; }

    /// <summary>Hours that a piece is needed before an experiment, as long as no keeper says otherwise.</summary>
    public required int BeforeHours { get; init; }

    /// <summary>Hours that it has to be requested ahead of that, as long as no keeper says otherwise.</summary>
    public required int LeadHours { get; init; }
}
