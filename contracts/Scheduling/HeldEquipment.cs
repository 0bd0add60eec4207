namespace Tutti.Contracts.Scheduling;

/// <summary>A piece of equipment that is held for an experiment.</summary>
public sealed record HeldEquipment
{
    /// <summary>Its kind.</summary>
    public required string Kind { get; init; }

    /// <summary>The laboratory where it is.</summary>
    public required string LaboratoryCode { get; init; }
}
