namespace Tutti.Contracts.Review;

/// <summary>Said by Review when the user office has decided on a ranked proposal.</summary>
[Contract("review.decision-taken", nameof(ProposalId))]
public sealed record DecisionTaken
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Its call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>accepted, reserve or rejected.</summary>
    public required string Outcome { get; init; }

    /// <summary>Mean grade, 0 to 100.</summary>
    public required double Grade { get; init; }

    /// <summary>Shifts per experiment; empty unless accepted.</summary>
    public required IReadOnlyList<GrantedShifts> Grants { get; init; }

    /// <summary>Why, by code; empty when accepted.</summary>
    public required IReadOnlyList<string> ReasonCodes { get; init; }

    /// <summary>Who decided.</summary>
    public required Guid DecidedBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset DecidedAt { get; init; }
}
