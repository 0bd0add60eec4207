namespace Tutti.Contracts.Proposals;

/// <summary>From an instant until another.</summary>
public sealed record DateInterval
{
    /// <summary>Its start.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Its end.</summary>
    public required DateTimeOffset To { get; init; }
}
