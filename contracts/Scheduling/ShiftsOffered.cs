namespace Tutti.Contracts.Scheduling;

/// <summary>Said by Scheduling when a plan is offered to the teams before it becomes a promise: each is to accept or decline.</summary>
[Contract("scheduling.shifts-offered", nameof(ExperimentId))]
public sealed record ShiftsOffered
{
    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Its proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The plan.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>The shifts, in order.</summary>
    public required IReadOnlyList<ShiftInterval> Shifts { get; init; }

    /// <summary>Until when an answer is expected.</summary>
    public required DateTimeOffset AnswerBy { get; init; }

    /// <summary>What no answer means: true that the team comes, false that it gives the place back.</summary>
    public required bool SilenceAccepts { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset OfferedAt { get; init; }
}
