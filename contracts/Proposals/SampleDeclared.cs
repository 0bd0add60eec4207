namespace Tutti.Contracts.Proposals;

/// <summary>A sample as the team declares it.</summary>
public sealed record SampleDeclared
{
    /// <summary>The sample.</summary>
    public required Guid SampleId { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Chemical composition.</summary>
    public required string Composition { get; init; }

    /// <summary>Hazards.</summary>
    public required IReadOnlyList<string> Hazards { get; init; }

    /// <summary>Whether it must not see air.</summary>
    public required bool AirSensitive { get; init; }
}
