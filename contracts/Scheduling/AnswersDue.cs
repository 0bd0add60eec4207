namespace Tutti.Contracts.Scheduling;

/// <summary>Said by Scheduling to itself: a timer that fires when teams are to be reminded of an offer (1 to 3), or its deadline has passed (4).</summary>
[Contract("scheduling.answers-due", nameof(PlanId))]
public sealed record AnswersDue
{
    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>Number of the offer for which the timer was set.</summary>
    public required int Offer { get; init; }

    /// <summary>1 to 3: a reminder; 4: the deadline.</summary>
    public required int Number { get; init; }
}
