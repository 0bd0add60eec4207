namespace Tutti.Contracts.Scheduling;

/// <summary>Why something could not be placed or held.</summary>
public sealed record PlanRefusal
{
    /// <summary>Stable code.</summary>
    public required string Code { get; init; }

    /// <summary>The same in words.</summary>
    public required string Text { get; init; }
}
