using Tutti.Scheduling.Planning;

namespace Tutti.Scheduling.Asking;

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

/// <summary>An experiment's place: the block [Start, End) and the shifts it takes, as indices into the instrument's open shifts.</summary>
public sealed record Placement(Guid ExperimentId, string Instrument, int Start, int End, IReadOnlyList<int> Shifts);

/// <summary>An experiment that is not in the plan, with codes of <see cref="UnplacedReasons"/>, each of which alone keeps it out unless there are several.</summary>
public sealed record UnplacedExperiment(Guid ExperimentId, IReadOnlyList<string> Reasons);
