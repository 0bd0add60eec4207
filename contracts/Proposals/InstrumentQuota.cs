namespace Tutti.Contracts.Proposals;

/// <summary>The most shifts that an instrument gives in a call.</summary>
public sealed record InstrumentQuota
{
    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>Shifts.</summary>
    public required int Shifts { get; init; }
}
