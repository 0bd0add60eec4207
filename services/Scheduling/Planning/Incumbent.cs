using System.Diagnostics;

namespace Tutti.Scheduling.Planning;

/// <summary>The best plan and the best bound that any worker has found; tells of every improvement, one at a time.</summary>
internal sealed class Incumbent(Space space, Action<PlanProgress>? progress, CancellationTokenSource done)
{
    private readonly Lock gate = new();
    private readonly RankOrder? ranks = space.Instance.Policy == RankPolicy.NoRankInversion ? new(space) : null;
    private readonly Stopwatch watch = Stopwatch.StartNew();

    public Place?[] Plan { get; private set; } = new Place?[space.Experiments.Length];

    public long Objective { get; private set; } = long.MinValue;

    public long Bound { get; private set; } = space.TrivialBound();

    public double Seconds => watch.Elapsed.TotalSeconds;

    public bool IsOptimal => Objective >= Bound;

    public (Place?[] Plan, long Objective) Best
    {
        get
        {
            lock (gate) return (Plan, Objective);
        }
    }

    /// <summary>Whether plans are changed by <see cref="RankOrder"/> before they count.</summary>
    public bool EnforcesRank => ranks is not null;

    /// <summary>Takes a plan that is better; the caller does not change it any more.</summary>
    /// <exception cref="InvalidOperationException">The plan breaks a rule: who made it is at fault.</exception>
    public bool Offer(Place?[] plan, string by)
    {
        if (ranks is not null)
        {
            // Of a search that was stopped nothing can be said; but there is always a first plan.
            plan = ranks.Enforce(plan, Objective == long.MinValue ? CancellationToken.None : done.Token);
            if (Objective > long.MinValue && done.IsCancellationRequested) return false;
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
            if (plan[e] is not null && !space.Proposals[space.Experiments[e].Proposal].Started && Array.Exists(space.Experiments[e].Set, one => plan[one] is null))
                throw new InvalidOperationException($"{by} made a plan in which experiment {space.Experiments[e].Id} lacks one that is placed with it.");
        lock (gate)
        {
            if (draft.Objective <= Objective) return false;
            (Plan, Objective) = (plan, draft.Objective);
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
