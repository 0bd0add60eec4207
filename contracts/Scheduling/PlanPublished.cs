namespace Tutti.Contracts.Scheduling;

/// <summary>Said by Scheduling when a plan becomes a promise to the teams.</summary>
[Contract("scheduling.plan-published", nameof(PlanId))]
public sealed record PlanPublished
{
    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>The call it is for.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Experiments placed.</summary>
    public required int Placed { get; init; }

    /// <summary>Experiments not placed.</summary>
    public required int Unplaced { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset PublishedAt { get; init; }
}
