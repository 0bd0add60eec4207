namespace Tutti.Contracts.Scheduling;

/// <summary>Said by Scheduling when staff report that an instrument gives no beam to users for a time that was planned: a failure of machine or instrument, or access that cannot wait.</summary>
[Contract("scheduling.beam-lost", nameof(InstrumentCode))]
public sealed record BeamLost
{
    /// <summary>The report.</summary>
    public required Guid DisturbanceId { get; init; }

    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>From when.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Until when.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Experiments that had shifts then.</summary>
    public required IReadOnlyList<Guid> Experiments { get; init; }

    /// <summary>Promised shifts that are lost.</summary>
    public required int ShiftsLost { get; init; }

    /// <summary>What happened.</summary>
    public required string Reason { get; init; }

    /// <summary>When it was reported.</summary>
    public required DateTimeOffset ReportedAt { get; init; }
}
