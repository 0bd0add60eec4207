using Tutti.ServiceDefaults;
using static Tutti.Proposals.ProposalAction;
using static Tutti.Proposals.ProposalStatus;

namespace Tutti.Proposals;

/// <summary>One proposal: its text, its team, and where it stands.</summary>
public sealed class Proposal
{
    private Proposal()
    {
    }

    /// <summary>Id.</summary>
    public Guid Id { get; private set; }

    /// <summary>The call it answers.</summary>
    public Guid CallId { get; private set; }

    /// <summary>Where it stands.</summary>
    public ProposalStatus Status { get; private set; }

    /// <summary>Title, for lists.</summary>
    public string Title { get; private set; } = "";

    /// <summary>All that the team has written.</summary>
    public ProposalText Text { get; private set; } = ProposalText.Empty;

    /// <summary>The team; one of them leads.</summary>
    public List<Member> Team { get; private set; } = [];

    /// <summary>Every status it ever had.</summary>
    public List<StatusChange> History { get; private set; } = [];

    /// <summary>How often its status has changed.</summary>
    public int Changes { get; private set; }

    /// <summary>How often it was submitted.</summary>
    public int Submission { get; private set; }

    /// <summary>The text as it was submitted last: what everybody but the team sees, also while the team revises; null: never submitted.</summary>
    public ProposalText? SubmittedText { get; private set; }

    /// <summary>Grows with every event about it.</summary>
    public int Revision { get; private set; }

    /// <summary>When the latest submission was acknowledged, and with it the declaration.</summary>
    public DateTimeOffset? SubmittedAt { get; private set; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset ChangedAt { get; private set; }

    /// <summary>The team's report, once it is there.</summary>
    public string? Report { get; private set; }

    /// <summary>Counts changes; a stale write is refused by it.</summary>
    public int Version { get; private set; }

    /// <summary>Starts a draft; its author leads the team.</summary>
    public static Proposal Draft(Guid id, Guid callId, Guid author, DateTimeOffset now)
    {
        var proposal = new Proposal { Id = id, CallId = callId, Status = ProposalStatus.Draft, ChangedAt = now };
        proposal.Team.Add(new Member { ProposalId = id, PersonId = author, Leads = true });
        return proposal;
    }

    /// <summary>Replaces the text and the team, as long as it is the team's turn.</summary>
    public void Write(ProposalText text, IReadOnlyCollection<Guid> colleagues, DateTimeOffset now)
    {
        if (Status is not (ProposalStatus.Draft or RevisionRequested))
            throw new RuleViolation("proposal.not-editable", $"A proposal that is {Status.Word()} cannot be edited.");
        (Text, Title, ChangedAt) = (text, text.Title, now);
        Team.RemoveAll(member => !member.Leads && !colleagues.Contains(member.PersonId));
        foreach (var person in colleagues.Where(person => Team.All(member => member.PersonId != person)))
            Team.Add(new Member { ProposalId = Id, PersonId = person });
    }

    /// <summary>Submits it, for the first time or after a revision.</summary>
    public void Submit(Guid by, Guid changeId, DateTimeOffset now)
    {
        if (Status is not (ProposalStatus.Draft or RevisionRequested))
            throw new RuleViolation("proposal.already-submitted", "It has been submitted already.");
        Do(ProposalAction.Submit, by, null, changeId, now);
        Submission++;
        (SubmittedText, SubmittedAt) = (Text, now);
    }

    /// <summary>Stores the team's report.</summary>
    public void FileReport(string report, Guid by, Guid changeId, DateTimeOffset now)
    {
        Do(ProposalAction.Report, by, null, changeId, now);
        Report = report;
    }

    /// <summary>Whether this can happen now.</summary>
    public bool Can(ProposalAction action) => After(Status, action) is not null;

    /// <summary>Lets something happen; a history row is written, older ones stay.</summary>
    public void Do(ProposalAction action, Guid? by, string? reason, Guid changeId, DateTimeOffset now)
    {
        var next = After(Status, action)
            ?? throw new RuleViolation("proposal.wrong-status", $"A proposal that is {Status.Word()} does not allow: {action.Word()}.");
        History.Add(new StatusChange { Id = changeId, ProposalId = Id, Number = ++Changes, From = Status, To = next, At = now, By = by, Reason = reason });
        (Status, ChangedAt) = (next, now);
    }

    /// <summary>The next revision number, for an event about this proposal.</summary>
    public int NextRevision() => ++Revision;

    /// <summary>The whole lifecycle: the status after an action, or null where it is not allowed.</summary>
    internal static ProposalStatus? After(ProposalStatus status, ProposalAction action) => (status, action) switch
    {
        (ProposalStatus.Draft, ProposalAction.Submit) => Submitted,
        (ProposalStatus.Draft, Withdraw) => Withdrawn,
        (ProposalStatus.Draft, _) => null,
        (Submitted, AskForFeasibility) => InFeasibility,
        (Submitted, Withdraw) => Withdrawn,
        (Submitted, _) => null,
        (InFeasibility, RequestRevision) => RevisionRequested,
        (InFeasibility, StartEvaluation) => InEvaluation,
        (InFeasibility, Withdraw) => Withdrawn,
        (InFeasibility, _) => null,
        (RevisionRequested, ProposalAction.Submit) => Submitted,
        (RevisionRequested, Withdraw) => Withdrawn,
        (RevisionRequested, _) => null,
        (InEvaluation, Rank) => Ranked,
        (InEvaluation, Withdraw) => Withdrawn,
        (InEvaluation, _) => null,
        (Ranked, Accept) => Accepted,
        (Ranked, PlaceOnReserve) => Reserve,
        (Ranked, Reject) => Rejected,
        (Ranked, Withdraw) => Withdrawn,
        (Ranked, _) => null,
        (Reserve, Accept) => Accepted,
        (Reserve, Reject) => Rejected,
        (Reserve, Withdraw) => Withdrawn,
        (Reserve, _) => null,
        (Accepted, Plan) => Planned,
        (Accepted, Withdraw) => Withdrawn,
        (Accepted, _) => null,
        (Planned, Unplan) => Accepted,
        (Planned, Start) => Running,
        (Planned, Withdraw) => Withdrawn,
        (Planned, _) => null,
        (Running, Finish) => Measured,
        (Running, Withdraw) => Withdrawn,
        (Running, _) => null,
        (Measured, ProposalAction.Report) => Reported,
        (Measured, _) => null,
        (Reported, Close) => Closed,
        (Reported, _) => null,
        (Rejected, _) => null,
        (Closed, _) => null,
        (Withdrawn, _) => null,
    };
}

/// <summary>A person on a team.</summary>
public sealed class Member
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The person.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>Principal investigator.</summary>
    public bool Leads { get; init; }
}

/// <summary>One line of a proposal's history; never changed.</summary>
public sealed class StatusChange
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Place in the history, counted from 1: several changes may follow from one event, at one time.</summary>
    public required int Number { get; init; }

    /// <summary>Status before.</summary>
    public required ProposalStatus From { get; init; }

    /// <summary>Status after.</summary>
    public required ProposalStatus To { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who; null: followed from an event.</summary>
    public Guid? By { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}
