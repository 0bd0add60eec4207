namespace Tutti.Contracts.Scheduling;

/// <summary>Said by Scheduling to the user office together with the last reminder of an offer: these teams are still silent, and will be taken at the word of its policy.</summary>
[Contract("scheduling.answers-outstanding", nameof(PlanId))]
public sealed record AnswersOutstanding
{
    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>The call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Experiments for which nobody has answered.</summary>
    public required IReadOnlyList<Guid> Experiments { get; init; }

    /// <summary>Until when an answer is expected.</summary>
    public required DateTimeOffset AnswerBy { get; init; }

    /// <summary>What no answer means: true that the team comes, false that it gives the place back.</summary>
    public required bool SilenceAccepts { get; init; }
}
