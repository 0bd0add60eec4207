namespace Tutti.Contracts.Scheduling;

/// <summary>Said by Scheduling when a team has accepted or declined the shifts it was offered, or has let the deadline pass.</summary>
[Contract("scheduling.offer-answered", nameof(ExperimentId))]
public sealed record OfferAnswered
{
    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Its proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>Whether it comes.</summary>
    public required bool Accepted { get; init; }

    /// <summary>Whether nobody answered until the deadline, so that the policy told with the offer decides.</summary>
    public required bool BySilence { get; init; }

    /// <summary>Why it does not come.</summary>
    public string? Reason { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset AnsweredAt { get; init; }
}
