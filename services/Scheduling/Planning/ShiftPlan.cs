using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Tutti.Scheduling.Planning;

/// <summary>The planner's answer: who runs where and when, what it is worth, and why the rest has no place.</summary>
public sealed record ShiftPlan
{
    public required PlanStatus Status { get; init; }

    /// <summary>
    /// Per served proposal 2 × score × shifts of its required experiments + score × shifts of placed optional ones, minus 400 for every shift
    /// by which a country stays below its minimum, and what the places of experiments with prices cost; with the weights of <see cref="InstanceObjective"/> where the instance has them.
    /// </summary>
    public required long Objective { get; init; }

    /// <summary>No plan for the instance is worth more.</summary>
    public long? Bound { get; init; }

    public required IReadOnlyList<InstancePlacement> Placements { get; init; }

    public IReadOnlyList<UnplacedExperiment> Unplaced { get; init => field = value ?? []; } = [];

    /// <summary>What the objective is made of: the values of the layers are together the objective.</summary>
    public IReadOnlyList<PlanLayer> Layers { get; init => field = value ?? []; } = [];

    /// <summary>Experiments that were given fewer shifts than they asked for, as their proposers had agreed.</summary>
    public IReadOnlyList<SmallerGrant> Granted { get; init => field = value ?? []; } = [];

    /// <summary>Proposals without a place that have one when something is given back, by rank.</summary>
    public IReadOnlyList<ReservedProposal> Reserve { get; init => field = value ?? []; } = [];

    /// <summary>
    /// Where <see cref="RankPolicy.NoRankInversion"/> is asked and the time did not suffice to decide it: the proposals left out of which it is not known whether they could have a place instead of lower
    /// ranked ones. Of all others it is certain that they could not; null: of all.
    /// </summary>
    public IReadOnlyList<int>? RankOpen { get; init; }

    public IReadOnlyList<Explanation>? Explain { get; init; }

    /// <summary>Of a repaired plan: what differs from the published one.</summary>
    public IReadOnlyList<RepairChange>? Changes { get; init; }

    /// <summary>Reads a plan, which needs to have <c>placements</c> only; the experiments and instruments it names are looked at when it is used.</summary>
    /// <exception cref="PlanningException"><c>plan_damaged</c>: no JSON of this form.</exception>
    public static ShiftPlan Read(Stream json)
    {
        try
        {
            var document = JsonNode.Parse(json) ?? throw new PlanningException("plan_damaged", "$", "The plan is null.");
            if (document is JsonObject plan)
            {
                plan.TryAdd("status", "feasible");
                plan.TryAdd("objective", 0);
            }
            var read = document.Deserialize(PlanningJson.Default.ShiftPlan) ?? throw new PlanningException("plan_damaged", "$", "The plan is null.");
            for (var n = 0; n < read.Placements.Count; n++)
                if (read.Placements[n] is not { Blocks.Count: > 0 } placement || placement.Blocks.Any(block => block is not { Count: 2 })) throw new PlanningException("plan_damaged", $"$.placements[{n}]", "A placement has blocks, each as [start, end].");
            return read;
        }
        catch (JsonException damaged)
        {
            throw Damage.Of("plan_damaged", damaged);
        }
    }

    public void Write(Stream json) => JsonSerializer.Serialize(json, this, PlanningJson.Default.ShiftPlan);
}

/// <summary>Whether a plan is proven best, or the best that was found.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PlanStatus>))]
public enum PlanStatus
{
    [JsonStringEnumMemberName("feasible")]
    Feasible,
    [JsonStringEnumMemberName("optimal")]
    Optimal,
}

/// <summary>A layer of the objective: how much of it there is, what one of it counts, and what it adds to the objective.</summary>
/// <param name="Layer">science, guarantee, travel, preference, setUp, evenLoad or places (prices of places).</param>
public sealed record PlanLayer(string Layer, long Amount, long Weight, long Value);

/// <summary>An experiment with fewer shifts than asked.</summary>
public sealed record SmallerGrant(int Experiment, int Asked, int Granted);

/// <summary>A proposal on the reserve list.</summary>
/// <param name="InsteadOf">Each of these alternatives: proposals that, giving all their shifts back, leave room for it.</param>
/// <param name="Placements">Where it then runs, for the first of them.</param>
public sealed record ReservedProposal(int Rank, int Proposal, int Score, IReadOnlyList<IReadOnlyList<int>> InsteadOf, IReadOnlyList<InstancePlacement> Placements);

/// <summary>An experiment without a place, with codes of <see cref="UnplacedReasons"/>.</summary>
public sealed record UnplacedExperiment(int Experiment, IReadOnlyList<string> Reasons);

/// <summary>A better plan, or a lower bound on all plans.</summary>
/// <param name="Gap">How much more the best plan can be worth, as a part of the bound.</param>
/// <param name="By">What found it.</param>
public sealed record PlanProgress(double Seconds, long Objective, long Bound, double Gap, string By)
{
    /// <summary>The placements of the best plan so far.</summary>
    [JsonIgnore]
    public Func<IReadOnlyList<InstancePlacement>> Placements { get; init; } = () => [];
}
