namespace Tutti.Contracts.Proposals;

/// <summary>Said by Proposals to itself: a timer that fires when a call may have to be closed.</summary>
[Contract("proposals.call-closing-due", nameof(CallId))]
public sealed record CallClosingDue
{
    /// <summary>The call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>The closing time for which the timer was set.</summary>
    public required DateTimeOffset ClosesAt { get; init; }
}
