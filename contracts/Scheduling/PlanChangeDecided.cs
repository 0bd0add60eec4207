namespace Tutti.Contracts.Scheduling;

/// <summary>Said by Scheduling when a change that was asked of another site has been made or refused.</summary>
[Contract("scheduling.plan-change-decided", nameof(PlanId))]
public sealed record PlanChangeDecided
{
    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>The request.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>Who asked.</summary>
    public required Guid RequestedBy { get; init; }

    /// <summary>Whether it was made.</summary>
    public required bool Made { get; init; }

    /// <summary>What was said to it.</summary>
    public required string Reason { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset DecidedAt { get; init; }
}
