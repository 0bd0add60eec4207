using Tutti.ServiceDefaults;

namespace Tutti.Proposals.Calls;

/// <summary>How far a call has come; it only moves forward.</summary>
public enum CallStage
{
    /// <summary>Made known; open between its two dates.</summary>
    Announced,

    /// <summary>Submissions are accepted.</summary>
    Open,

    /// <summary>The last moment of submission has passed.</summary>
    ClosedForSubmission,

    /// <summary>The panel grades.</summary>
    Evaluating,

    /// <summary>The ranking is there.</summary>
    Decided,

    /// <summary>Shifts are being placed.</summary>
    Planning,

    /// <summary>The teams have their shifts.</summary>
    Published,

    /// <summary>Over.</summary>
    Archived,
}

/// <summary>A call for proposals.</summary>
public sealed class Call
{
    private Call()
    {
    }

    /// <summary>Id.</summary>
    public Guid Id { get; private set; }

    /// <summary>Title.</summary>
    public string Title { get; private set; } = "";

    /// <summary>First moment of submission.</summary>
    public DateTimeOffset OpensAt { get; private set; }

    /// <summary>Last moment of submission, itself included.</summary>
    public DateTimeOffset ClosesAt { get; private set; }

    /// <summary>Whether the advisory board judges every proposal.</summary>
    public bool BoardFeasibilityRequired { get; private set; }

    /// <summary>Chair of the panel.</summary>
    public Guid PanelChairId { get; private set; }

    /// <summary>The panel, the chair among them.</summary>
    public IReadOnlyList<Guid> PanelMemberIds { get; private set; } = [];

    /// <summary>Start of the period in which shifts are placed.</summary>
    public DateTimeOffset BeamtimeFrom { get; private set; }

    /// <summary>End of that period.</summary>
    public DateTimeOffset BeamtimeTo { get; private set; }

    /// <summary>By what rules its shifts are shared out.</summary>
    public CallTerms Terms { get; private set; } = new();

    /// <summary>The terms that it had before, and who changed them.</summary>
    public List<TermsChange> History { get; private set; } = [];

    /// <summary>How far it has come, apart from what time alone tells: see <see cref="StageAt"/>.</summary>
    public CallStage Stage { get; private set; }

    /// <summary>Grows with every event about it.</summary>
    public int Revision { get; private set; }

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>Announces a call.</summary>
    public static Call Announce(
        Guid id, string title, DateTimeOffset opensAt, DateTimeOffset closesAt, bool boardRequired, Guid chair, IEnumerable<Guid> panel, DateTimeOffset beamtimeFrom, DateTimeOffset beamtimeTo,
        CallTerms? terms = null) => new()
        {
            Id = id, Title = title, OpensAt = opensAt, ClosesAt = closesAt, BoardFeasibilityRequired = boardRequired, PanelChairId = chair,
            PanelMemberIds = [.. panel.Append(chair).Distinct()], BeamtimeFrom = beamtimeFrom, BeamtimeTo = beamtimeTo, Terms = terms ?? new(), Revision = 1,
        };

    /// <summary>How far it has come at a moment.</summary>
    public CallStage StageAt(DateTimeOffset now) =>
        Stage >= CallStage.ClosedForSubmission ? Stage
        : now < OpensAt ? CallStage.Announced
        : now <= ClosesAt ? CallStage.Open
        : CallStage.ClosedForSubmission;

    /// <summary>Refuses a submission that arrived outside the call's time. The moment of arrival counts, not the moment of writing.</summary>
    public void RequireOpen(DateTimeOffset arrivedAt)
    {
        if (arrivedAt < OpensAt) throw new RuleViolation("call.not-open-yet", $"The call opens at {OpensAt:O}.");
        if (arrivedAt > ClosesAt) throw new RuleViolation("call.closed", $"The call closed at {ClosesAt:O}.");
    }

    /// <summary>Moves the last moment of submission to now.</summary>
    public void CloseEarly(DateTimeOffset now)
    {
        if (StageAt(now) > CallStage.Open) throw new RuleViolation("call.closed", $"The call closed at {ClosesAt:O}.");
        if (now < OpensAt) OpensAt = now;
        ClosesAt = now;
        Revision++;
    }

    /// <summary>Closes it if its time has come; tells whether that changed anything.</summary>
    public bool CloseIfDue(DateTimeOffset now)
    {
        if (Stage >= CallStage.ClosedForSubmission || now < ClosesAt) return false;
        (Stage, Revision) = (CallStage.ClosedForSubmission, Revision + 1);
        return true;
    }

    /// <summary>Shares its shifts out by other terms from now on; a history row is written, older ones stay.</summary>
    /// <exception cref="RuleViolation"><c>call.over</c>: its beamtime has ended.</exception>
    public void ChangeTerms(CallTerms terms, Guid by, string reason, Guid changeId, DateTimeOffset now)
    {
        if (now >= BeamtimeTo) throw new RuleViolation("call.over", $"The call's beamtime ended at {BeamtimeTo:O}.");
        History.Add(new TermsChange { Id = changeId, CallId = Id, Before = Terms, At = now, By = by, Reason = reason });
        (Terms, Revision) = (terms, Revision + 1);
    }

    /// <summary>Moves forward to a stage; a stage that it is past already changes nothing.</summary>
    public void Reach(CallStage stage)
    {
        if (stage > Stage) Stage = stage;
    }
}

/// <summary>A change of a call's terms: what was before, who changed it, when, why; never changed.</summary>
public sealed class TermsChange
{
    /// <summary>Most characters of the reason.</summary>
    public const int MaxReason = 2000;

    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>The terms before.</summary>
    public required CallTerms Before { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who did it.</summary>
    public required Guid By { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}
