namespace Tutti.Catalogue;

/// <summary>One row: which seed the catalogue holds. Two replicas that start at once meet here, and only one of them writes.</summary>
public sealed class SeedState
{
    /// <summary>Always 1.</summary>
    public required int Id { get; init; }

    /// <summary>Edition of the seed; an older one never overwrites a newer.</summary>
    public int Edition { get; set; }

    /// <summary>SHA-256 of the seed.</summary>
    public string Hash { get; set; } = "";

    /// <summary>When it was taken over.</summary>
    public DateTimeOffset SeededAt { get; set; }

    /// <summary>Counts changes; the loser of a race is refused by it.</summary>
    public int Version { get; private set; }
}
