using System.Diagnostics;

namespace Tutti.Scheduling.Planning;

/// <summary>The best plan and the best bound that any worker has found; tells of every improvement, one at a time.</summary>
internal sealed class Incumbent(Space space, PlannerOptions options, Action<PlanProgress>? progress, CancellationTokenSource done, Stopwatch watch)
{
    /// <summary>What <see cref="RankOrder"/> may ask of CP-SAT, as parts of the work of the whole search: for the first plan, which has to be there soon, and for each one after it.</summary>
    private const double FirstShare = 0.05, Share = 0.3;

    /// <summary>In units of work: a second for the first plan at the most, whatever time there is.</summary>
    private const double MostFirst = 1, Most = 50;

    private readonly Lock gate = new();
    private readonly RankOrder? ranks = space.Instance.Policy == RankPolicy.NoRankInversion ? new(space) : null;

    public Place?[] Plan { get; private set; } = new Place?[space.Experiments.Length];

    public long Objective { get; private set; } = long.MinValue;

    public long Bound { get; private set; } = space.TrivialBound();

    public double Seconds => watch.Elapsed.TotalSeconds;

    public bool IsOptimal => Open.Count == 0 && Objective >= Bound;

    /// <summary>Under a policy of rank, proposals of which the best plan does not show that lower ranked ones do not keep them out.</summary>
    public IReadOnlyList<int> Open { get; private set; } = [];

    /// <summary>What <see cref="RankOrder"/> has cost, in units of work.</summary>
    public double RankWork { get; private set; }

    public (Place?[] Plan, long Objective) Best
    {
        get
        {
            lock (gate) return (Plan, Objective);
        }
    }

    /// <summary>Whether plans are changed by <see cref="RankOrder"/> before they count.</summary>
    public bool EnforcesRank => ranks is not null;

    /// <summary>
    /// Takes a plan that is better; the caller does not change it any more. Where rank counts, one that leaves fewer proposals open (<see cref="Open"/>) is better than one that is worth more.
    /// </summary>
    /// <exception cref="InvalidOperationException">The plan breaks a rule: who made it is at fault.</exception>
    public bool Offer(Place?[] plan, string by)
    {
        IReadOnlyList<int> open = [];
        if (ranks is not null)
        {
            var first = Objective == long.MinValue;
            var ranked = ranks.Enforce(plan, (first ? Math.Min(MostFirst, FirstShare * options.Work) : Math.Min(Most, Share * options.Work)) / Search.SolverWork, options.TimeLimit.TotalSeconds - Seconds, done.Token);
            (plan, open) = (ranked.Plan, ranked.Open);
            lock (gate) RankWork += Search.SolverWork * ranked.Work;
        }
        var draft = new Draft(space);
        for (var e = 0; e < plan.Length; e++)
        {
            if (plan[e] is not { } place) continue;
            if (draft.Broken(e, place) is not Rules.None and var broken) throw new InvalidOperationException($"{by} made a plan in which experiment {space.Experiments[e].Id} breaks {broken}.");
            draft.Take(e, place);
        }
        foreach (var proposal in space.Proposals)
            if (!proposal.Started && proposal.All.Any(e => plan[e] is not null) && !draft.Serves(proposal))
                throw new InvalidOperationException($"{by} made a plan in which proposal {proposal.Id} lacks a required experiment.");
        for (var e = 0; e < plan.Length; e++)
            if (plan[e] is not null && Array.Exists(space.Experiments[e].Set, one => plan[one] is null))
                throw new InvalidOperationException($"{by} made a plan in which experiment {space.Experiments[e].Id} lacks one that is placed with it.");
        lock (gate)
        {
            if (Objective > long.MinValue && (open.Count, -draft.Objective).CompareTo((Open.Count, -Objective)) >= 0) return false;
            (Plan, Objective, Open) = (plan, draft.Objective, open);
            Report(by);
            return true;
        }
    }

    public void Lower(long bound, string by)
    {
        lock (gate)
        {
            bound = Math.Max(bound, Objective);
            if (bound >= Bound) return;
            Bound = bound;
            Report(by);
        }
    }

    private void Report(string by)
    {
        var plan = Plan;
        try
        {
            progress?.Invoke(new(Math.Round(watch.Elapsed.TotalSeconds, 3), Objective, Bound, Gap(Objective, Bound), by) { Placements = () => Placements(plan) });
        }
        catch (Exception exception) when (exception is not InvalidOperationException)
        {
            throw new InvalidOperationException("Reporting a plan during the search failed.", exception);
        }
        if (IsOptimal) done.Cancel();
    }

    /// <summary>A plan's placements in order of time.</summary>
    public IReadOnlyList<InstancePlacement> Placements(Place?[] plan)
    {
        var placements = new List<InstancePlacement>();
        for (var e = 0; e < plan.Length; e++)
            if (plan[e] is { } place) placements.Add(space.Placement(e, place));
        return [.. placements.OrderBy(placement => placement.Blocks[0][0]).ThenBy(placement => placement.Experiment)];
    }

    public static double Gap(long objective, long bound) => bound <= objective ? 0 : Math.Round((bound - objective) / (double)Math.Max(1, Math.Abs(bound)), 6);
}
