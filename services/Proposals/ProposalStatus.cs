namespace Tutti.Proposals;

/// <summary>Where a proposal stands.</summary>
public enum ProposalStatus
{
    /// <summary>Being written.</summary>
    Draft,

    /// <summary>Acknowledged; Review has not been asked yet.</summary>
    Submitted,

    /// <summary>Instrument staff, and where required the board, judge it.</summary>
    InFeasibility,

    /// <summary>The team is asked to change it.</summary>
    RevisionRequested,

    /// <summary>The panel grades it.</summary>
    InEvaluation,

    /// <summary>It has its place in the ranking.</summary>
    Ranked,

    /// <summary>Shifts are granted.</summary>
    Accepted,

    /// <summary>Waits for freed shifts.</summary>
    Reserve,

    /// <summary>Not granted.</summary>
    Rejected,

    /// <summary>A published plan has said of every granted experiment whether it has shifts, and at least one has.</summary>
    Planned,

    /// <summary>Its first experiment has beam.</summary>
    Running,

    /// <summary>Every experiment is over.</summary>
    Measured,

    /// <summary>The team has reported.</summary>
    Reported,

    /// <summary>Nothing is owed any more.</summary>
    Closed,

    /// <summary>Taken back by the team.</summary>
    Withdrawn,
}

/// <summary>What can happen to a proposal.</summary>
public enum ProposalAction
{
    /// <summary>The team submits, for the first time or again.</summary>
    Submit,

    /// <summary>Review is asked to have it judged.</summary>
    AskForFeasibility,

    /// <summary>Staff or board want it changed.</summary>
    RequestRevision,

    /// <summary>All have judged it.</summary>
    StartEvaluation,

    /// <summary>The chair has put it in order.</summary>
    Rank,

    /// <summary>Decision: shifts are granted.</summary>
    Accept,

    /// <summary>Decision: it waits.</summary>
    PlaceOnReserve,

    /// <summary>Decision: no.</summary>
    Reject,

    /// <summary>Every granted experiment has published shifts.</summary>
    Plan,

    /// <summary>A later version of the plan has taken the last of its shifts back.</summary>
    Unplan,

    /// <summary>The first experiment has beam.</summary>
    Start,

    /// <summary>The last experiment is over.</summary>
    Finish,

    /// <summary>The team reports.</summary>
    Report,

    /// <summary>The user office closes it.</summary>
    Close,

    /// <summary>The team takes it back.</summary>
    Withdraw,
}
