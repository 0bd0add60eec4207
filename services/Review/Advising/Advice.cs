using Tutti.ServiceDefaults;

namespace Tutti.Review.Advising;

/// <summary>A technique that completes what the asker had in mind, and why (R35).</summary>
public sealed record ComplementaryTechnique(string TechniqueCode, string Reason);

/// <summary>What the board answers.</summary>
public sealed record AdviceAnswer(string Text, IReadOnlyList<string> TechniqueCodes, IReadOnlyList<ComplementaryTechnique> Complementary)
{
    /// <summary>Not answered yet.</summary>
    public static AdviceAnswer None { get; } = new("", [], []);
}

/// <summary>A question to the Technical Battery Advisory Board, and its answer (R33).</summary>
public sealed class Advice
{
    private Advice()
    {
    }

    /// <summary>Id.</summary>
    public Guid Id { get; private set; }

    /// <summary>Who asks.</summary>
    public Guid AskedBy { get; private set; }

    /// <summary>The asker's group as <see cref="Conflicts.Key"/> writes it.</summary>
    public string AskerGroupKey { get; private set; } = "";

    /// <summary>The question.</summary>
    public string Question { get; private set; } = "";

    /// <summary>Techniques that the asker has in mind.</summary>
    public IReadOnlyList<string> TechniqueCodes { get; private set; } = [];

    /// <summary>The sample.</summary>
    public string Sample { get; private set; } = "";

    /// <summary>Whether an industrial user asks (R39).</summary>
    public bool Industrial { get; private set; }

    /// <summary>When.</summary>
    public DateTimeOffset AskedAt { get; private set; }

    /// <summary>Who answered; null: nobody yet.</summary>
    public Guid? AdvisorId { get; private set; }

    /// <summary>When it was answered.</summary>
    public DateTimeOffset? AnsweredAt { get; private set; }

    /// <summary>The answer.</summary>
    public AdviceAnswer Answer { get; private set; } = AdviceAnswer.None;

    /// <summary>Grows with every event about it.</summary>
    public int Revision { get; private set; }

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>Somebody asks.</summary>
    public static Advice Ask(Guid id, Judge asker, string question, IReadOnlyList<string> techniques, string sample, bool industrial, DateTimeOffset now) => new()
    {
        Id = id, AskedBy = asker.Id, AskerGroupKey = Conflicts.Key(asker.Group), Question = question, TechniqueCodes = techniques, Sample = sample, Industrial = industrial,
        AskedAt = now, Revision = 1,
    };

    /// <summary>Whether it was asked by this person or somebody of their group: nobody advises themselves.</summary>
    public bool IsAskedByGroupOf(Judge advisor)
    {
        var group = Conflicts.Key(advisor.Group);
        return advisor.Id == AskedBy || (group.Length > 0 && group == AskerGroupKey);
    }

    /// <summary>Refuses whoever must not answer it.</summary>
    public void RefuseConflict(Judge advisor)
    {
        if (IsAskedByGroupOf(advisor)) throw RuleViolation.Forbidden("review.conflict", "Nobody advises themselves or their own group.");
    }

    /// <summary>An advisor answers, once.</summary>
    public void Give(AdviceAnswer answer, Judge advisor, DateTimeOffset now)
    {
        RefuseConflict(advisor);
        if (AdvisorId is not null) throw new RuleViolation("advice.already-given", "It has been answered already.");
        (Answer, AdvisorId, AnsweredAt) = (answer, advisor.Id, now);
        Revision++;
    }
}
