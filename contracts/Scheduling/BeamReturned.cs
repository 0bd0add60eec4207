namespace Tutti.Contracts.Scheduling;

/// <summary>Said by Scheduling when a report of lost beam ends earlier than was told, or was a mistake: the instrument gives beam again.</summary>
[Contract("scheduling.beam-returned", nameof(InstrumentCode))]
public sealed record BeamReturned
{
    /// <summary>The report.</summary>
    public required Guid DisturbanceId { get; init; }

    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>From when it was lost.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Until when it was lost; as <see cref="From"/> where the report was a mistake.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>When it was told.</summary>
    public required DateTimeOffset ToldAt { get; init; }
}
