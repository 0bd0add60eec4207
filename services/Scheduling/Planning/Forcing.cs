using System.Diagnostics;
using System.Globalization;
using Google.OrTools.Sat;

namespace Tutti.Scheduling.Planning;

/// <summary>
/// What it would take to have an experiment in a plan: whether it is possible at all, by the exact model of its proposal alone, and what it would displace, by planning again
/// from the plan with a reward on it that is worth more than all the rest.
/// </summary>
internal static class Forcing
{
    private const int Reward = 10_000_000;
    private const double ProofWork = 2;

    private static readonly TimeSpan shortest = TimeSpan.FromMilliseconds(500);

    /// <summary>What would help each experiment without a place, those of the highest scores first, as far as the time goes: of the others it is said that nobody looked.</summary>
    public static IReadOnlyList<Explanation> Explain(Space space, Place?[] plan, long objective, Reasons reasons, PlannerOptions options, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        end.CancelAfter(options.TellingTime + options.ForceTime);
        using var trials = CancellationTokenSource.CreateLinkedTokenSource(stop);
        trials.CancelAfter(options.TellingTime / 2);
        return Complete(space, plan, objective, reasons.Explain(trials.Token), options, end.Token);
    }

    private static IReadOnlyList<Explanation> Complete(Space space, Place?[] plan, long objective, IReadOnlyList<Explanation> explanations, PlannerOptions options, CancellationToken stop)
    {
        var units = explanations.GroupBy(one => Unit(space, plan, one)).OrderByDescending(unit => space.Proposals[unit.Key.Proposal].Score).ThenBy(unit => unit.Key.Proposal).ThenBy(unit => unit.Key.Optional).ToList();
        var answers = new Dictionary<int, Explanation>();
        var watch = Stopwatch.StartNew();
        for (var n = 0; n < units.Count; n++)
        {
            var (p, optional) = units[n].Key;
            var impossible = !stop.IsCancellationRequested && IsImpossible(space, p, optional, options, stop);
            var slice = (options.ForceTime - watch.Elapsed) / (units.Count - n);
            ForcedIn? forced = null;
            if (!impossible && !stop.IsCancellationRequested && options.ForceTime > watch.Elapsed)
                forced = Force(space, plan, objective, p, optional, options with { TimeLimit = slice > shortest ? slice : shortest }, stop);
            foreach (var one in units[n]) answers[one.Experiment] = Told(one, impossible, forced);
        }
        return [.. explanations.Select(one => answers[one.Experiment])];
    }

    /// <summary>What is forced in together: the required experiments of a proposal, and an optional experiment (-1: none) with what it is tied to.</summary>
    private static (int Proposal, int Optional) Unit(Space space, Place?[] plan, Explanation one)
    {
        var e = space.ExperimentIndex[one.Experiment];
        var p = space.Experiments[e].Proposal;
        return (p, !space.Experiments[e].Required || space.Proposals[p].Started ? e : -1);
    }

    private static int[] Wanted(Space space, int p, int optional) =>
        space.Proposals[p].Started ? space.Experiments[optional].Set : optional < 0 ? space.Proposals[p].Required : [.. space.Proposals[p].Required, .. space.Experiments[optional].Set];

    /// <summary>Whether there is no plan with it, whatever else is left out, apart from what is pinned.</summary>
    public static bool IsImpossible(Space space, int p, int optional, PlannerOptions options, CancellationToken stop)
    {
        var wanted = Wanted(space, p, optional);
        return Array.Exists(wanted, e => space.Experiments[e].Hopeless) || Alone(space, p, wanted, new(options.TimeLimit.TotalSeconds, ProofWork, options.Seed), stop).Status == CpSolverStatus.Infeasible;
    }

    /// <summary>A plan of what is pinned and of experiments of a proposal, with those that must be placed together with it.</summary>
    internal static SolverAnswer Alone(Space space, int p, int[] wanted, SolverLimits limits, CancellationToken stop)
    {
        var members = space.Proposals[p].Members;
        var pins = new Draft(space);
        for (var e = 0; e < space.Experiments.Length; e++)
            if (space.Experiments[e] is { Pin: { } pin } data && !members.Contains(data.Proposal)) pins.Take(e, pin);
        var alone = new ExactModel(space, pins, members);
        alone.Require(wanted);
        return ExactSolver.Solve(alone, limits, stop);
    }

    private static ForcedIn? Force(Space space, Place?[] plan, long objective, int p, int optional, PlannerOptions options, CancellationToken stop)
    {
        var wanted = Wanted(space, p, optional);
        var ids = wanted.Select(e => space.Experiments[e].Id).ToHashSet();
        var priced = space.Instance with { Experiments = [.. space.Instance.Experiments.Select(one => ids.Contains(one.Id) ? one with { Bonus = one.Bonus + Reward } : one)] };
        var start = new ShiftPlan { Status = PlanStatus.Feasible, Objective = objective, Placements = [.. plan.Select((place, e) => (place, e)).Where(one => one.place is not null).Select(one => space.Placement(one.e, one.place ?? throw new InvalidOperationException()))] };
        var found = Planner.Plan(priced, new() { TimeLimit = options.TimeLimit, Workers = 1, Seed = options.Seed }, start, null, stop);
        if (found.Placements.Count(placement => ids.Contains(placement.Experiment)) < ids.Count) return null;
        var reward = (long)Reward * ids.Count;
        var least = objective - ((found.Bound ?? found.Objective) - reward);
        var forced = WithFewMoves(space, plan, found);
        var (before, after) = (start.Placements.ToDictionary(placement => placement.Experiment), forced.Placements.ToDictionary(placement => placement.Experiment));
        var cost = objective - (found.Objective - reward) - forced.Gain;
        return new(cost, Math.Min(cost, least), cost <= least, [.. before.Keys.Where(id => !after.ContainsKey(id)).Order()],
            [.. before.Keys.Where(id => after.TryGetValue(id, out var there) && !Same(before[id], there)).Order()], [.. after.Keys.Where(id => !before.ContainsKey(id) && !ids.Contains(id)).Order()],
            [.. forced.Placements.Where(placement => !before.TryGetValue(placement.Experiment, out var there) || !Same(there, placement))]);
    }

    /// <summary>
    /// The search does not care who moves. Whoever can go back to where they were does: one by one, and those that stand in each other's way together, as long as the plan stays legal and is worth no less.
    /// </summary>
    private static (IReadOnlyList<InstancePlacement> Placements, long Gain) WithFewMoves(Space space, Place?[] plan, ShiftPlan found)
    {
        var draft = new Draft(space);
        foreach (var placement in found.Placements)
            if (space.ExperimentIndex[placement.Experiment] is var e && space.PlaceOf(e, placement) is { } place) draft.Take(e, place);
            else throw new InvalidOperationException($"The planner has put experiment {placement.Experiment} where it cannot be.");
        var worthBefore = draft.Objective;
        // Who moves back may make room for somebody of a higher rank who was left out.
        while (space.Instance.Policy == RankPolicy.BestSum && (Moved().Exists(Back) || BackTogether())) { }
        return ([.. draft.Copy().Select((place, e) => place is null ? null : space.Placement(e, place)).OfType<InstancePlacement>()], draft.Objective - worthBefore);

        List<(int Experiment, Place Old, Place Now)> Moved() =>
            [.. Enumerable.Range(0, plan.Length).Where(e => plan[e] is { } old && draft[e] is { } now && !old.Same(now)).Select(e => (e, plan[e] ?? throw new InvalidOperationException(), draft[e] ?? throw new InvalidOperationException()))];

        bool Back((int Experiment, Place Old, Place Now) one)
        {
            var worth = draft.Objective;
            draft.Release(one.Experiment);
            if (draft.Broken(one.Experiment, one.Old) == Rules.None)
            {
                draft.Take(one.Experiment, one.Old);
                if (draft.Objective >= worth) return true;
                draft.Release(one.Experiment);
            }
            draft.Take(one.Experiment, one.Now);
            return false;
        }

        bool BackTogether()
        {
            var (worth, all, moved) = (draft.Objective, draft.Copy(), Moved());
            foreach (var one in moved) draft.Release(one.Experiment);
            List<(int Experiment, Place Old, Place Now)> away = [];
            foreach (var one in moved)
                if (draft.Broken(one.Experiment, one.Old) == Rules.None) draft.Take(one.Experiment, one.Old);
                else away.Add(one);
            var fits = away.Count < moved.Count && away.TrueForAll(Stays) && draft.Objective >= worth;
            if (!fits) draft.Load(all);
            return fits;

            bool Stays((int Experiment, Place Old, Place Now) one)
            {
                if (draft.Broken(one.Experiment, one.Now) != Rules.None) return false;
                draft.Take(one.Experiment, one.Now);
                return true;
            }
        }
    }

    private static bool Same(InstancePlacement one, InstancePlacement other) => one.Instrument == other.Instrument && one.Blocks.SelectMany(block => block).SequenceEqual(other.Blocks.SelectMany(block => block));

    private static Explanation Told(Explanation one, bool impossible, ForcedIn? forced)
    {
        if (impossible) return one with { Impossible = true, Text = $"It cannot be placed at all with what its proposal requires, even in an empty plan. {one.Text}" };
        if (forced is null) return one;
        var amount = forced.Cost <= 0 ? "nothing" : forced.Proven ? $"{forced.Cost}" : $"at most {forced.Cost} (at least {Math.Max(0, forced.CostAtLeast)})";
        List<string> words = [string.Create(CultureInfo.InvariantCulture, $"{one.Text} Placing it by force would cost {amount}")];
        if (forced.Displaced.Count > 0) words.Add($"displace {Names(forced.Displaced)}");
        if (forced.Moved.Count > 0) words.Add($"move {Names(forced.Moved)}");
        if (forced.Added.Count > 0) words.Add($"bring in {Names(forced.Added)}");
        return one with { Forced = forced, Text = (words.Count == 1 ? words[0] : $"{string.Join(", ", words[..^1])} and {words[^1]}") + "." };
    }

    private static string Names(IReadOnlyList<int> ids) => $"experiment{(ids.Count > 1 ? "s" : "")} {string.Join(", ", ids.Take(20))}{(ids.Count > 20 ? $" and {ids.Count - 20} more" : "")}";
}
