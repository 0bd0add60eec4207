namespace Tutti.Scheduling.Planning;

/// <summary>The planner's answer: who runs where and when, how good it is, and why the rest is not in it.</summary>
public sealed record Plan
{
    public required PlanStatus Status { get; init; }

    /// <summary>
    /// The sum over served proposals of 2 × score × shifts of required experiments + score × shifts of placed optional ones.
    /// In a proposal of which something is pinned every placed required experiment counts for itself.
    /// </summary>
    public required long Objective { get; init; }

    /// <summary>No plan for the problem has a higher objective than this.</summary>
    public required long Bound { get; init; }

    /// <summary>In order of time.</summary>
    public required IReadOnlyList<Placement> Placements { get; init; }

    public required IReadOnlyList<UnplacedExperiment> Unplaced { get; init; }
}

/// <summary>Whether the plan is proven best, or the best found before the time was over.</summary>
public enum PlanStatus
{
    Optimal,
    Feasible,
}

/// <summary>An experiment's place: the block [Start, End) and the shifts it takes, as indices into the instrument's open shifts.</summary>
public sealed record Placement(Guid ExperimentId, string Instrument, int Start, int End, IReadOnlyList<int> Shifts);

/// <summary>An experiment that is not in the plan, with codes of <see cref="UnplacedReasons"/>, each of which alone keeps it out unless there are several.</summary>
public sealed record UnplacedExperiment(Guid ExperimentId, IReadOnlyList<string> Reasons);

/// <summary>A better plan was found, or the bound on all plans became lower.</summary>
public sealed record PlanProgress(TimeSpan Elapsed, long Objective, long Bound);

/// <summary>Codes for what keeps an experiment out of a plan.</summary>
public static class UnplacedReasons
{
    /// <summary>None of its instruments has an open shift.</summary>
    public const string NoOpenShifts = "no-open-shifts";

    /// <summary>It needs more shifts in a row than any of its instruments ever gives.</summary>
    public const string RunTooShort = "run-too-short";

    /// <summary>Between release and due there is no place for it.</summary>
    public const string WindowTooSmall = "window-too-small";

    /// <summary>There is room only in shifts with which no experiment may begin.</summary>
    public const string StartNotAllowed = "start-not-allowed";

    public const string CellRefused = "cell-refused";

    public const string TeamAway = "team-away";

    public const string StaffAway = "staff-away";

    /// <summary>Other experiments have the shifts of its instruments.</summary>
    public const string InstrumentFull = "instrument-full";

    /// <summary>An instrument on the same source is running.</summary>
    public const string SourceBusy = "source-busy";

    /// <summary>Its team is at another experiment, or on the way.</summary>
    public const string TeamClash = "team-clash";

    /// <summary>Order and gaps to other experiments leave no place.</summary>
    public const string Order = "order";

    /// <summary>It would fit, but another required experiment of its proposal does not.</summary>
    public const string ProposalIncomplete = "proposal-incomplete";

    /// <summary>Each experiment of its proposal fits alone, but not all together, for several reasons at once.</summary>
    public const string NoJointPlacement = "no-joint-placement";
}
