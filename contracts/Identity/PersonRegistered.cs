namespace Tutti.Contracts.Identity;

/// <summary>Said by Identity when a person gets an account or its name, group, country or roles change.</summary>
[Contract("identity.person-registered", nameof(PersonId))]
public sealed record PersonRegistered
{
    /// <summary>The person.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Name as shown to others.</summary>
    public required string Name { get; init; }

    /// <summary>Code of the research group or institution; conflicts of interest go by it.</summary>
    public required string Group { get; init; }

    /// <summary>Two-letter code of the country of that group or institution; null: not told.</summary>
    public string? Country { get; init; }

    /// <summary>Roles, scoped ones as <c>role@scope</c>.</summary>
    public required IReadOnlyList<string> Roles { get; init; }
}
