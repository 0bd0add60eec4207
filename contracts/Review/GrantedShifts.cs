namespace Tutti.Contracts.Review;

/// <summary>Shifts granted to one experiment.</summary>
public sealed record GrantedShifts
{
    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>8-hour shifts.</summary>
    public required int Shifts { get; init; }
}
