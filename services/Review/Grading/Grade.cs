namespace Tutti.Review.Grading;

/// <summary>What one panel member thinks of a proposal; earlier grades of theirs are in the history.</summary>
public sealed class Grade
{
    /// <summary>Best grade; the worst is 0.</summary>
    public const int Best = 100;

    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Who grades.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>Their group when they graded; conflicts are looked for again when the evaluation is completed.</summary>
    public required string Group { get; set; }

    /// <summary>0 to 100.</summary>
    public required int Value { get; set; }

    /// <summary>Why.</summary>
    public required string Comment { get; set; }

    /// <summary>When.</summary>
    public required DateTimeOffset GradedAt { get; set; }
}
