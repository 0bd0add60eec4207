using System.Text.Json.Serialization;
using Tutti.Scheduling.Planning;

namespace Tutti.Scheduling.Asking;

/// <summary>The planner's answer: who runs where and when, how good it is, and why the rest is not in it.</summary>
public sealed record Plan
{
    public required PlanStatus Status { get; init; }

    /// <summary>
    /// The sum over served proposals of 2 × score × shifts of required experiments + score × shifts of placed optional ones, less what the other layers take from it.
    /// In a proposal of which something is pinned or promised every placed required experiment counts for itself.
    /// </summary>
    public required long Objective { get; init; }

    /// <summary>What the objective is made of; the values of the layers are together the objective.</summary>
    public IReadOnlyList<PlanLayer> Layers { get; init => field = value ?? []; } = [];

    /// <summary>What the layers other than science take from the objective.</summary>
    [JsonIgnore]
    public long Taken => -Layers.Where(layer => layer.Layer != "science").Sum(layer => layer.Value);

    /// <summary>No plan for the problem has a higher objective than this; null: none is known, as promised places counted in the search.</summary>
    public required long? Bound { get; init; }

    /// <summary>In order of time.</summary>
    public required IReadOnlyList<Placement> Placements { get; init; }

    public required IReadOnlyList<UnplacedExperiment> Unplaced { get; init; }

    /// <summary>For those what would help; empty where that was not asked.</summary>
    public IReadOnlyList<UnplacedHelp> Help { get; init => field = value ?? []; } = [];

    /// <summary>Where rank may not be inverted and the time did not suffice: proposals left out of which it is not known whether they could have a place instead of lower ranked ones; null: it is known of all.</summary>
    public IReadOnlyList<Guid>? RankOpen { get; init; }

    /// <summary>Proposals without a place that have one when something is given back, by rank; what is pinned or promised is not given back.</summary>
    public IReadOnlyList<WaitingProposal> Reserve { get; init => field = value ?? []; } = [];
}

/// <summary>A proposal on the reserve list.</summary>
/// <param name="InsteadOf">Each of these alternatives: proposals that, giving all their shifts back, leave room for it.</param>
/// <param name="Placements">Where what it requires then runs, for the first of them; in order of time.</param>
public sealed record WaitingProposal(int Rank, Guid ProposalId, int Score, IReadOnlyList<IReadOnlyList<Guid>> InsteadOf, IReadOnlyList<Placement> Placements);

/// <summary>An experiment's place: the block [Start, End) and the shifts it takes, as indices into the instrument's open shifts.</summary>
public sealed record Placement(Guid ExperimentId, string Instrument, int Start, int End, IReadOnlyList<int> Shifts);

/// <summary>An experiment that is not in the plan, with codes of <see cref="UnplacedReasons"/>, each of which alone keeps it out unless there are several.</summary>
public sealed record UnplacedExperiment(Guid ExperimentId, IReadOnlyList<string> Reasons);

/// <summary>What would give an experiment a place.</summary>
/// <param name="Relax">Codes of <see cref="UnplacedReasons"/>: each names rules which, left out for its proposal alone, give it a place in the plan as it stands.</param>
/// <param name="SmallerGrant">So many shifts would fit as things stand.</param>
/// <param name="Impossible">It cannot be placed with all that its proposal requires, even if nothing else is.</param>
/// <param name="Forced">What placing it by force would displace; null: not looked for, or no way was found.</param>
public sealed record UnplacedHelp(Guid ExperimentId, IReadOnlyList<string> Relax, int? SmallerGrant, bool Impossible, ForcedPlacement? Forced)
{
    /// <summary>Instruments of the same technique on which it would fit as things stand, were it eligible there.</summary>
    public IReadOnlyList<string> OtherInstruments { get; init => field = value ?? []; } = [];
}

/// <summary>By how much the best plan found with an experiment forced in is worth less (and by how much every such plan is, at least), and whose places differ in it.</summary>
public sealed record ForcedPlacement(long Cost, long CostAtLeast, bool Proven, IReadOnlyList<Guid> Displaced, IReadOnlyList<Guid> Moved, IReadOnlyList<Guid> Added);
