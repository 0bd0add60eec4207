namespace Tutti.Contracts.Review;

/// <summary>Said by Review when somebody asks the advisory board.</summary>
[Contract("review.advice-requested", nameof(AdviceId))]
public sealed record AdviceRequested
{
    /// <summary>The request.</summary>
    public required Guid AdviceId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Who asks.</summary>
    public required Guid AskedBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset AskedAt { get; init; }
}
