namespace Tutti.Contracts.Proposals;

/// <summary>From an instant until another.</summary>
/// <param name="From">Its start.</param>
/// <param name="To">Its end.</param>
public sealed record DateInterval(DateTimeOffset From, DateTimeOffset To);
