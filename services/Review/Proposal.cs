using Tutti.Contracts.Proposals;
using Tutti.Contracts.Review;
using Tutti.Review.Deciding;
using Tutti.Review.Judging;
using Tutti.ServiceDefaults;

namespace Tutti.Review;

/// <summary>What a team has submitted, as far as those who judge need it.</summary>
public sealed record SubmittedText(string Abstract, IReadOnlyList<TeamMember> Team, IReadOnlyList<ExperimentRequest> Experiments, IReadOnlyList<SampleDeclared> Samples)
{
    /// <summary>Nothing submitted yet.</summary>
    public static SubmittedText Empty { get; } = new("", [], [], []);
}

/// <summary>
/// A proposal under review. What is heard of it may come twice and in any order: the latest submission and the latest question count, and
/// only when both speak of the same submission there are tasks.
/// </summary>
public sealed class Proposal
{
    private Proposal()
    {
    }

    /// <summary>Id.</summary>
    public Guid Id { get; private set; }

    /// <summary>The call it answers.</summary>
    public Guid CallId { get; private set; }

    /// <summary>Latest submission whose text is known; 0: none.</summary>
    public int Submission { get; private set; }

    /// <summary>Latest submission that Review was asked to judge; 0: none.</summary>
    public int Asked { get; private set; }

    /// <summary>Whether the board judges that submission too.</summary>
    public bool BoardRequired { get; private set; }

    /// <summary>Latest submission that staff or board want changed; 0: none.</summary>
    public int Wished { get; private set; }

    /// <summary>Whether the team took it back.</summary>
    public bool Withdrawn { get; private set; }

    /// <summary>Title.</summary>
    public string Title { get; private set; } = "";

    /// <summary>The rest of the text.</summary>
    public SubmittedText Text { get; private set; } = SubmittedText.Empty;

    /// <summary>When the latest submission was acknowledged.</summary>
    public DateTimeOffset SubmittedAt { get; private set; }

    /// <summary>The team.</summary>
    public List<TeamSeat> Team { get; private set; } = [];

    /// <summary>Who gave advice that it builds on.</summary>
    public List<Advisor> Advisors { get; private set; } = [];

    /// <summary>What there is and was to judge, over all submissions.</summary>
    public List<FeasibilityTask> Tasks { get; private set; } = [];

    /// <summary>Mean of the panel's grades; null: evaluation is not completed.</summary>
    public double? Grade { get; private set; }

    /// <summary>How many grades the mean is made of.</summary>
    public int Grades { get; private set; }

    /// <summary>Place in the ranking, 1 is best; null: not ranked.</summary>
    public int? Rank { get; private set; }

    /// <summary>The decision in force; null: none.</summary>
    public Outcome? Outcome { get; private set; }

    /// <summary>Shifts granted.</summary>
    public IReadOnlyList<GrantedShifts> Grants { get; private set; } = [];

    /// <summary>Why it was not accepted, by code.</summary>
    public IReadOnlyList<string> ReasonCodes { get; private set; } = [];

    /// <summary>Grows with every event about it.</summary>
    public int Revision { get; private set; }

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>Whether every part of the present submission has its verdict; a wish for revision is none.</summary>
    public bool IsJudged => Present.Any() && Present.All(task => task.Verdict is not null);

    // Between a question and the text that belongs to it there is nothing to judge.
    private IEnumerable<FeasibilityTask> Present => Tasks.Where(task => task.Submission == Submission && task.Submission == Asked);

    /// <summary>A proposal of which something was heard for the first time.</summary>
    public static Proposal Known(Guid id, Guid callId) => new() { Id = id, CallId = callId };

    /// <summary>A submission was heard of; an older one changes nothing.</summary>
    public void Learn(int submission, DateTimeOffset submittedAt, string title, SubmittedText text, IReadOnlySet<Guid> advisors)
    {
        if (submission <= Submission) return;
        (Submission, SubmittedAt, Title, Text) = (submission, submittedAt, title, text);
        var groups = text.Team.GroupBy(member => member.PersonId).ToDictionary(person => person.Key, person => Conflicts.Key(person.First().Group));
        Team.RemoveAll(seat => !groups.ContainsKey(seat.PersonId));
        foreach (var seat in Team) seat.GroupKey = groups[seat.PersonId];
        foreach (var (person, group) in groups.Where(known => Team.All(seat => seat.PersonId != known.Key)))
            Team.Add(new TeamSeat { ProposalId = Id, PersonId = person, GroupKey = group });
        Advisors.RemoveAll(advisor => !advisors.Contains(advisor.PersonId));
        Advisors.AddRange(advisors.Where(person => Advisors.All(advisor => advisor.PersonId != person)).Select(person => new Advisor { ProposalId = Id, PersonId = person }));
        MakeTasks();
    }

    /// <summary>Review was asked to judge a submission; an older question changes nothing.</summary>
    public void Ask(int submission, bool boardRequired)
    {
        if (submission <= Asked) return;
        (Asked, BoardRequired) = (submission, boardRequired);
        MakeTasks();
    }

    /// <summary>The team took it back, for good.</summary>
    public void Withdraw() => Withdrawn = true;

    /// <summary>Gives a part its verdict. The first one stands.</summary>
    public FeasibilityTask Judge(Guid taskId, Verdict verdict, string? comment, Guid by, DateTimeOffset now)
    {
        var task = OpenTask(taskId);
        (task.Verdict, task.Comment, task.JudgedBy, task.JudgedAt) = (verdict, comment, by, now);
        return task;
    }

    /// <summary>Asks for a revision instead: no part of this submission is judged any more.</summary>
    public FeasibilityTask WishRevision(Guid taskId, string reason, Guid by, DateTimeOffset now)
    {
        var task = OpenTask(taskId);
        (task.Comment, task.JudgedBy, task.JudgedAt) = (reason, by, now);
        Wished = Submission;
        return task;
    }

    /// <summary>The verdict on an experiment of the present submission, or on the whole where it is null.</summary>
    public FeasibilityTask? TaskOn(Guid? experiment) => Present.FirstOrDefault(task => task.ExperimentId == experiment);

    /// <summary>Refuses a grade, or the end of grading, where the panel is not at work on it.</summary>
    public void RequireInEvaluation(bool callIsClosed)
    {
        RequirePresent();
        if (!callIsClosed || !IsJudged) throw new RuleViolation("evaluation.not-ready", "It can be graded when its call is closed and its feasibility is judged.");
        if (Grade is not null) throw new RuleViolation("evaluation.completed", "Its evaluation is completed; the grades stand.");
    }

    /// <summary>Ends the evaluation with the mean of the grades.</summary>
    public void CompleteEvaluation(IReadOnlyCollection<int> grades)
    {
        if (grades.Count == 0) throw new RuleViolation("evaluation.no-grades", "At least one grade of somebody without conflict is needed.");
        (Grade, Grades) = (grades.Average(), grades.Count);
    }

    /// <summary>Gives it a place in the ranking.</summary>
    public void Place(int rank) => Rank = rank;

    /// <summary>Takes a decision that <see cref="DecisionRules"/> has found right.</summary>
    public void Decide(Outcome outcome, IReadOnlyList<GrantedShifts> grants, IReadOnlyList<string> reasonCodes) =>
        (Outcome, Grants, ReasonCodes) = (outcome, grants, reasonCodes);

    /// <summary>The next revision number, for an event about this proposal.</summary>
    public int NextRevision() => ++Revision;

    private FeasibilityTask OpenTask(Guid taskId)
    {
        RequirePresent();
        var task = Tasks.Single(task => task.Id == taskId);
        if (task.Submission != Submission || Asked != Submission) throw new RuleViolation("feasibility.over", "The team has submitted a newer text.");
        if (task.Verdict is not null) throw new RuleViolation("feasibility.already-judged", "It has been judged already; the first verdict stands.");
        if (Wished == Submission) throw new RuleViolation("feasibility.over", "A revision of this submission has been asked for.");
        return task;
    }

    private void RequirePresent()
    {
        if (Withdrawn) throw new RuleViolation("proposal.withdrawn", "The team has taken it back.");
    }

    private void MakeTasks()
    {
        if (Submission == 0 || Asked != Submission || Present.Any()) return;
        foreach (var experiment in Text.Experiments)
            Tasks.Add(new FeasibilityTask
            {
                Id = Guid.CreateVersion7(), ProposalId = Id, Submission = Submission, ExperimentId = experiment.ExperimentId, InstrumentCode = experiment.InstrumentCode,
            });
        if (BoardRequired) Tasks.Add(new FeasibilityTask { Id = Guid.CreateVersion7(), ProposalId = Id, Submission = Submission });
    }
}

/// <summary>A person on a team.</summary>
public sealed class TeamSeat
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The person.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>Their group as <see cref="Conflicts.Key"/> writes it; empty: not known.</summary>
    public required string GroupKey { get; set; }
}

/// <summary>A person who gave advice that a proposal builds on.</summary>
public sealed class Advisor
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The person.</summary>
    public required Guid PersonId { get; init; }
}
