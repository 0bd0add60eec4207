namespace Tutti.Review;

/// <summary>What somebody did to a proposal under review.</summary>
public enum Act
{
    /// <summary>Gave a verdict on an experiment or, for the board, on the whole.</summary>
    Judged,

    /// <summary>Asked for a revision.</summary>
    RevisionRequested,

    /// <summary>Gave or changed a grade.</summary>
    Graded,

    /// <summary>Ended the evaluation.</summary>
    EvaluationCompleted,

    /// <summary>Put it in its place.</summary>
    Ranked,

    /// <summary>Decided.</summary>
    Decided,
}

/// <summary>One line of a proposal's history under review: who did what, when and why. Lines are added, never changed.</summary>
public sealed class HistoryEntry
{
    private HistoryEntry()
    {
    }

    /// <summary>Id.</summary>
    public Guid Id { get; private init; }

    /// <summary>The proposal.</summary>
    public Guid ProposalId { get; private init; }

    /// <summary>The submission it was about.</summary>
    public int Submission { get; private init; }

    /// <summary>What kind of act.</summary>
    public Act Act { get; private init; }

    /// <summary>What exactly, in words and numbers.</summary>
    public string What { get; private init; } = "";

    /// <summary>Why; null: no reason was asked for.</summary>
    public string? Why { get; private init; }

    /// <summary>Who.</summary>
    public Guid By { get; private init; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; private init; }

    /// <summary>Writes a line.</summary>
    public static HistoryEntry Of(Proposal proposal, Act act, string what, string? why, Guid by, DateTimeOffset now) =>
        new() { Id = Guid.CreateVersion7(now), ProposalId = proposal.Id, Submission = proposal.Submission, Act = act, What = what, Why = why, By = by, At = now };
}
