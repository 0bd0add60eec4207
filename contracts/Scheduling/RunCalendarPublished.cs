namespace Tutti.Contracts.Scheduling;

/// <summary>Said by Scheduling when the shifts that users can get at an instrument are fixed or change.</summary>
[Contract("scheduling.run-calendar-published", nameof(InstrumentCode))]
public sealed record RunCalendarPublished
{
    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Number of shifts on offer.</summary>
    public required int Shifts { get; init; }

    /// <summary>Start of the first.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>End of the last.</summary>
    public required DateTimeOffset To { get; init; }
}
