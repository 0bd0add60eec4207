namespace Tutti.Review.Judging;

/// <summary>Whether something can be done as asked.</summary>
public enum Verdict
{
    /// <summary>As asked.</summary>
    Feasible,

    /// <summary>With the changes that the comment tells.</summary>
    FeasibleWithChanges,

    /// <summary>Not at all, for the reason that the comment tells.</summary>
    NotFeasible,
}

/// <summary>One part of a submission that somebody has to judge: an experiment by the instrument's staff, or the whole by the board.</summary>
public sealed class FeasibilityTask
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The submission that is judged.</summary>
    public required int Submission { get; init; }

    /// <summary>The experiment; null: the board judges the whole.</summary>
    public Guid? ExperimentId { get; init; }

    /// <summary>Its instrument.</summary>
    public string? InstrumentCode { get; init; }

    /// <summary>The verdict; null: none, or a revision was asked for.</summary>
    public Verdict? Verdict { get; internal set; }

    /// <summary>What the team should know, or what it should change.</summary>
    public string? Comment { get; internal set; }

    /// <summary>Who judged or asked for the revision.</summary>
    public Guid? JudgedBy { get; internal set; }

    /// <summary>When.</summary>
    public DateTimeOffset? JudgedAt { get; internal set; }
}
