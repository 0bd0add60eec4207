namespace Tutti.Contracts.Proposals;

/// <summary>Said by Proposals when the last moment of submission has passed.</summary>
[Contract("proposals.call-closed", nameof(CallId))]
public sealed record CallClosed
{
    /// <summary>The call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Last moment of submission.</summary>
    public required DateTimeOffset ClosedAt { get; init; }
}
