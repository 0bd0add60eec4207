namespace Tutti.Contracts.Scheduling;

/// <summary>Said by Scheduling when staff of one site asks another for a change of a plan.</summary>
[Contract("scheduling.plan-change-requested", nameof(PlanId))]
public sealed record PlanChangeRequested
{
    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>The request.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>Who asks.</summary>
    public required Guid RequestedBy { get; init; }

    /// <summary>The sites that are asked.</summary>
    public required IReadOnlyList<string> Sites { get; init; }

    /// <summary>The experiments it would move.</summary>
    public required IReadOnlyList<Guid> Experiments { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset RequestedAt { get; init; }
}
