namespace Tutti.Contracts.Scheduling;

/// <summary>Said by Scheduling when a team has not answered an offer; at most three times for one offer.</summary>
[Contract("scheduling.offer-reminded", nameof(ExperimentId))]
public sealed record OfferReminded
{
    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Its proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>1, 2 or 3.</summary>
    public required int Number { get; init; }

    /// <summary>Until when an answer is expected.</summary>
    public required DateTimeOffset AnswerBy { get; init; }
}
