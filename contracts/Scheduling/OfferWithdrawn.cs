namespace Tutti.Contracts.Scheduling;

/// <summary>Said by Scheduling when shifts that a team was offered are not offered any more: the plan was given up, could not be made, or the experiment lost its place with another one of its proposal.</summary>
[Contract("scheduling.offer-withdrawn", nameof(ExperimentId))]
public sealed record OfferWithdrawn
{
    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Its proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset WithdrawnAt { get; init; }
}
