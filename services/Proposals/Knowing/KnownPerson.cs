namespace Tutti.Proposals.Knowing;

/// <summary>What Proposals needs to know of a person.</summary>
public sealed class KnownPerson
{
    /// <summary>The person.</summary>
    public required Guid Id { get; init; }

    /// <summary>Revision of the record this was learnt from.</summary>
    public int Revision { get; set; }

    /// <summary>Name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Research group.</summary>
    public string Group { get; set; } = "";

    /// <summary>Two-letter code of the group's country; null: not told.</summary>
    public string? Country { get; set; }

    /// <summary>Counts changes: of two revisions heard at once by two replicas the newer one stays.</summary>
    public int Version { get; private set; }
}
