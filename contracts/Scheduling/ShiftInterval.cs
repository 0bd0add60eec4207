namespace Tutti.Contracts.Scheduling;

/// <summary>One 8-hour shift.</summary>
public sealed record ShiftInterval
{
    /// <summary>Start, UTC.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>End, UTC.</summary>
    public required DateTimeOffset End { get; init; }
}
