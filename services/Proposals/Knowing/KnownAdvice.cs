namespace Tutti.Proposals.Knowing;

/// <summary>Advice that the board has given; a draft may say that it builds on it.</summary>
public sealed class KnownAdvice
{
    /// <summary>The advice.</summary>
    public required Guid Id { get; init; }

    /// <summary>Who asked; only their teams can build on it.</summary>
    public required Guid AskedBy { get; init; }
}
