namespace Tutti.Contracts.Review;

/// <summary>Said by Review when the advisory board has answered.</summary>
[Contract("review.advice-given", nameof(AdviceId))]
public sealed record AdviceGiven
{
    /// <summary>The request.</summary>
    public required Guid AdviceId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Who asked.</summary>
    public required Guid AskedBy { get; init; }

    /// <summary>Who answered; barred from judging what grows out of it.</summary>
    public required Guid AdvisorId { get; init; }

    /// <summary>Techniques advised, at least one of them complementary.</summary>
    public required IReadOnlyList<string> TechniqueCodes { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset GivenAt { get; init; }
}
