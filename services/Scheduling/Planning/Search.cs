using Google.OrTools.Sat;

namespace Tutti.Scheduling.Planning;

/// <summary>
/// One worker's search. With two workers one improves (ruin and recreate, then parts by CP-SAT in turn with it) and one proves (the problem without time, then the whole
/// by CP-SAT where it is small enough); one worker does both in turns whose lengths do not depend on the clock.
/// </summary>
internal sealed class Search(Space space, Incumbent incumbent, PlannerOptions options, int worker, CancellationToken stop)
{
    /// <summary>The whole is given to CP-SAT up to so many places for blocks; above that presolve alone outlasts a minute.</summary>
    private const int MostChoices = 14_000;

    /// <summary>A unit of work is about a second on a machine of 2024: so many places sought, or what CP-SAT calls 0.4 of a second.</summary>
    private const int EffortPerWork = 3_000_000;
    internal const double SolverWork = 2.5;

    /// <summary>What CP-SAT on parts gets of the work while neither it nor ruin and recreate gains, and how much for one part.</summary>
    private const double ShareOfParts = 0.15, PartWork = 2;

    private const string Tight = "linearization_level:2";

    private readonly RuinAndRecreate search = Started(space, incumbent, ((ulong)options.Seed * 64) + (ulong)worker);
    private Dice dice = new(((ulong)options.Seed * 64) + (ulong)worker + 7777);
    private double work;
    private double size = 14;
    private readonly double[] gains = [1, 1], spent = [0, 0];
    private readonly HashSet<int> seenAlone = [];
    private int solves;
    private bool proven;

    /// <summary>Seconds for better plans before the worker that improves turns to the proof: a second round of ruin and recreate has its chance.</summary>
    private const double Earliest = 12;

    /// <summary>
    /// Seconds without a better plan after which the worker that improves turns to the proof: soon where the bound is near, for then a proof may be; where it is far better plans
    /// are more likely.
    /// </summary>
    private double Patience => incumbent.Bound - incumbent.Best.Objective < 0.01 * incumbent.Best.Objective ? 6 : 20;

    private double Left => Math.Max(0.01, options.TimeLimit.TotalSeconds - incumbent.Seconds);

    private bool Stopped => stop.IsCancellationRequested;

    public void Improve()
    {
        Rank();
        Ruin(1.5);
        var (small, since, known) = (Choices() <= MostChoices && !incumbent.EnforcesRank, incumbent.Seconds, incumbent.Best.Objective);
        while (!Stopped)
        {
            Turn();
            if (incumbent.Best.Objective > known) (since, known) = (incumbent.Seconds, incumbent.Best.Objective);
            // Where nothing better turns up it is time to prove, from the best plan and with another seed than the other worker: how long a proof takes is a matter of luck.
            if (!small || incumbent.Seconds < Earliest || incumbent.Seconds - since < Patience) continue;
            Whole(50);
            (since, known) = (incumbent.Seconds, incumbent.Best.Objective);
        }
    }

    public void Prove()
    {
        Allocate(2, 5, 5);
        if (Choices() <= MostChoices)
        {
            // One long run: a second one would have to learn again what the first had, which costs more than a better plan to begin with saves.
            // Where rank counts the best sum is only a bound, and plans are looked at between runs.
            for (var slice = incumbent.EnforcesRank ? 10.0 : 1e6; !Stopped && !proven; slice *= 2) Whole(slice);
            while (!Stopped) Turn();
            return;
        }
        if (!Stopped) Allocate(0.9, 30, 5);
        while (!Stopped) Turn();
    }

    /// <summary>Both in turns, until so much work is done.</summary>
    public void Alone(double limit)
    {
        Rank();
        Ruin(Math.Min(2, limit * 0.1));
        if (Going()) Allocate(2, Math.Min(2, limit * 0.1), limit * 0.05);
        var small = Choices() <= MostChoices;
        if (!small && Going()) Allocate(0.9, Math.Min(6, limit * 0.2), limit * 0.05);
        // The whole comes first: of a problem that is small indeed it is over in a moment, however little work is allowed.
        for (var slice = Math.Min(10, limit / 3); Going(); slice *= 2)
        {
            if (small && !proven) Whole(Math.Min(slice, limit - work));
            for (var until = work + slice; work < until && Going();) Turn();
        }

        bool Going() => !Stopped && work + incumbent.RankWork < limit;
    }

    /// <summary>
    /// Ruin and recreate or CP-SAT on a part, whichever gained more for its work of late. Now and then, and where neither gains, the one that has had less than its share of the work.
    /// </summary>
    private void Turn()
    {
        var exact = dice.NextDouble() < 0.15 || Math.Max(gains[0], gains[1]) < 0.1 ? spent[1] < ShareOfParts * (spent[0] + spent[1]) : gains[1] > gains[0];
        var (before, begun) = (incumbent.Best.Objective, work);
        if (exact) Part(PartWork);
        else Ruin(0.5);
        spent[exact ? 1 : 0] += work - begun;
        ref var known = ref gains[exact ? 1 : 0];
        known = (0.7 * known) + (0.3 * Math.Max(0, incumbent.Best.Objective - before) / Math.Max(0.01, work - begun));
    }

    /// <summary>The first plan once more, with more work than it could be given to begin with.</summary>
    private void Rank()
    {
        if (incumbent.Open.Count > 0) incumbent.Offer(incumbent.Best.Plan, "rank");
    }

    private static RuinAndRecreate Started(Space space, Incumbent incumbent, ulong seed)
    {
        var draft = new Draft(space);
        draft.Load(incumbent.Best.Plan);
        return new(space, draft, seed);
    }

    private int Choices() => space.Experiments.Sum(data => data.Options.Sum(option =>
        option.Single.Select(block => (space.Instruments[option.Instrument].Run[block.First], block.End - block.Start)).Distinct().Count()
        + (option.Reach.Length > 0 ? 4 * space.Instruments[option.Instrument].Runs : 0)));

    /// <summary>Ruin and recreate for so much work.</summary>
    private void Ruin(double amount)
    {
        var (plan, objective) = incumbent.Best;
        if (incumbent.EnforcesRank) search.Restart(plan);
        else search.Adopt(plan, objective);
        var until = search.Effort + (long)(amount * EffortPerWork);
        // Where a step finds nothing to look for it still counts, or an empty problem would never end.
        for (var left = (long)(amount * 100_000); search.Effort < until && left > 0 && !Stopped; left--)
            if (search.Step() && !incumbent.EnforcesRank) incumbent.Offer(search.Best, "ruin and recreate");
        if (incumbent.EnforcesRank && search.BestObjective > objective) incumbent.Offer(search.Best, "ruin and recreate");
        work += amount;
    }

    /// <summary>The problem without time, and again as long as its answer serves a proposal that turns out to have no place even alone; <paramref name="alone"/> is the work that finding out may take.</summary>
    private void Allocate(double tightness, double amount, double alone)
    {
        while (!Stopped)
        {
            if (Allocate(tightness, amount) is not { } answer) return;
            var until = work + alone;
            var found = false;
            foreach (var proposal in space.Proposals.Where(one => one.Leads && !one.Started && one.Required.Length > 0 && Array.TrueForAll(one.Required, e => answer[e] >= 0)))
            {
                if (Stopped || work >= until) break;
                if (Array.TrueForAll(proposal.Required, e => incumbent.Best.Plan[e] is not null) || !seenAlone.Add(proposal.Members[0])) continue;
                var plan = Forcing.Alone(space, proposal.Members[0], proposal.Required, new(Left, (until - work) / SolverWork, options.Seed), stop);
                work += Math.Max(0.01, SolverWork * plan.Work);
                if (plan.Status == CpSolverStatus.Infeasible) found = space.Experiments[proposal.Required[0]].ShownHopeless = true;
            }
            alone = until - work;
            if (!found) return;
        }
    }

    /// <summary>The problem without time: a bound, and plans that aim at its answers. The best answer, or null.</summary>
    private int[]? Allocate(double tightness, double amount)
    {
        var allocation = new Allocation(space, tightness);
        allocation.AtMost(incumbent.Bound);
        List<int[]> answers = [];
        using var solver = new CpSolver { StringParameters = ExactSolver.Parameters(new(Left, amount / SolverWork, options.Seed, Tight)) };
        using var seen = new Answers(allocation, answers);
        using var stopping = new Timer(_ => { if (Stopped) solver.StopSearch(); }, null, 20, 20);
        var status = solver.Solve(allocation.Model, seen);
        seen.ThrowIfFailed();
        work += SolverWork * (solver.Response?.DeterministicTime ?? 0);
        if (status is CpSolverStatus.Optimal or CpSolverStatus.Feasible) incumbent.Lower((long)Math.Floor(solver.BestObjectiveBound + 1e-6), "allocation");
        for (var n = answers.Count - 1; n >= Math.Max(0, answers.Count - 3) && !Stopped; n--) Aim(answers[n]);
        return answers.Count == 0 ? null : answers[^1];
    }

    /// <summary>Places what an answer to the problem without time serves, on its instruments, and then what else fits.</summary>
    private void Aim(int[] guide)
    {
        var draft = new Draft(space) { Guide = guide };
        for (var e = 0; e < space.Experiments.Length; e++)
            if (space.Experiments[e].Pin is { } pin) draft.Take(e, pin);
        foreach (var proposal in space.Proposals.Where(proposal => !proposal.Started && proposal.All.Any(e => draft[e] is not null)))
            foreach (var e in proposal.Required)
                if (draft[e] is null && incumbent.Best.Plan[e] is { } place && draft.Broken(e, place) == Rules.None) draft.Take(e, place);
        if (space.Proposals.Any(proposal => !proposal.Started && proposal.All.Any(e => draft[e] is not null) && !draft.Serves(proposal))) return;
        var aiming = new RuinAndRecreate(space, draft, (ulong)options.Seed + 5);
        var target = guide.Select((option, e) => option < 0 ? 0 : space.Experiments[e].Options[option].Value - space.Experiments[e].Options[option].LeastPrice).Sum();
        for (var step = 0; step < 6_000 && !Stopped && draft.Value < target; step++) aiming.Step();
        draft.Load(aiming.Best);
        draft.Guide = null;
        Greedy.Extend(draft, stop, ref dice);
        work += aiming.Effort / (double)EffortPerWork;
        incumbent.Offer(draft.Copy(), "allocation");
    }

    /// <summary>Solves the whole from the best plan for so much work.</summary>
    private void Whole(double amount)
    {
        var (plan, objective) = incumbent.Best;
        var model = new ExactModel(space, new Draft(space), [.. Enumerable.Range(0, space.Proposals.Length)]);
        model.AtMost(incumbent.Bound);
        model.Hint(plan);
        var answer = ExactSolver.Solve(model, new(Left, amount / SolverWork, options.Seed + (31 * (1 - worker)) + solves++, Tight), stop, bound => incumbent.Lower(bound, "CP-SAT"), (found, _) =>
        {
            if (!incumbent.EnforcesRank) incumbent.Offer(found, "CP-SAT");
        });
        if (incumbent.EnforcesRank && answer.Plan is { } sum) incumbent.Offer(sum, "CP-SAT");
        proven = answer.Status == CpSolverStatus.Optimal;
        work += SolverWork * answer.Work;
        if (answer.Status == CpSolverStatus.Infeasible) throw new InvalidOperationException("The planner's model refuses the plan that it was started with.");
        if (answer.Bound < long.MaxValue && answer.Bound >= objective) incumbent.Lower(answer.Bound, "CP-SAT");
    }

    /// <summary>Frees some proposals that have to do with one another and solves for them around the rest of the best plan.</summary>
    private void Part(double amount)
    {
        var (plan, objective) = incumbent.Best;
        var free = Neighbourhood(plan);
        if (free.Count == 0)
        {
            work += 0.01;
            return;
        }
        free = [.. free.SelectMany(p => space.Proposals[p].Members).Distinct()];
        var around = new Draft(space);
        var without = (Place?[])plan.Clone();
        foreach (var p in free)
            foreach (var e in space.Proposals[p].All) without[e] = null;
        around.Load(without);
        var model = new ExactModel(space, around, free);
        model.AtLeast(objective + 1);
        var answer = ExactSolver.Solve(model, new(Left, amount / SolverWork, options.Seed + solves++), stop);
        work += Math.Max(0.01, SolverWork * answer.Work);
        if (answer.Plan is { } found)
        {
            around.Load([.. without.Select((place, e) => found[e] ?? place)]);
            Greedy.Extend(around, stop, ref dice);
            incumbent.Offer(around.Copy(), "CP-SAT on a part");
        }
        size = Math.Clamp(answer.Status is CpSolverStatus.Infeasible or CpSolverStatus.Optimal ? size * 1.08 : size * 0.93, 6, Math.Max(6, space.Proposals.Length));
    }

    private List<int> Neighbourhood(Place?[] plan)
    {
        var kind = dice.NextDouble();
        var order = Enumerable.Range(0, space.Proposals.Length).ToArray();
        dice.Shuffle(order);
        var movable = order.Where(p => !space.Proposals[p].Required.Any(e => space.Experiments[e].Hopeless) && !(space.Proposals[p].All.Any(e => space.Experiments[e].Pin is not null))).ToList();
        if (movable.Count == 0) return [];
        var instruments = new HashSet<int>();
        if (kind < 0.4)
        {
            // What has no place, and what is on the instruments that it wants.
            var seed = movable.FindIndex(p => space.Proposals[p].Required.Any(e => plan[e] is null));
            var p = movable[Math.Max(0, seed)];
            foreach (var e in space.Proposals[p].All) instruments.UnionWith(space.Experiments[e].Options.Select(option => option.Instrument));
        }
        else if (kind < 0.7)
        {
            var contacts = space.Instruments[dice.Next(space.Instruments.Length)].Contacts;
            instruments.UnionWith(Enumerable.Range(0, space.Instruments.Length).Where(i => space.Instruments[i].Contacts == contacts));
        }
        else if (kind < 0.85) instruments.Add(dice.Next(space.Instruments.Length));
        else instruments.UnionWith(Enumerable.Range(0, space.Instruments.Length));
        var near = movable.Where(p => space.Proposals[p].All.Any(e => (plan[e] is { } place && instruments.Contains(place.Instrument))
            || (plan[e] is null && space.Experiments[e].Options.Any(option => instruments.Contains(option.Instrument))))).ToList();
        var unserved = near.Where(p => space.Proposals[p].Required.Any(e => plan[e] is null)).Take((int)(size / 2)).ToList();
        return [.. unserved, .. near.Where(p => space.Proposals[p].Required.All(e => plan[e] is not null)).Take((int)size)];
    }

    private sealed class Answers(Allocation allocation, List<int[]> answers) : CpSolverSolutionCallback
    {
        private Exception? failure;

        public override void OnSolutionCallback()
        {
#pragma warning disable CA1031 // Nothing may pass into native code.
            try
            {
                answers.Add(allocation.Read(Value));
                if (answers.Count > 8) answers.RemoveAt(0);
            }
            catch (Exception exception)
            {
                failure = exception;
                StopSearch();
            }
#pragma warning restore CA1031
        }

        public void ThrowIfFailed()
        {
            if (failure is not null) throw new InvalidOperationException("Reading an answer failed.", failure);
        }
    }
}
