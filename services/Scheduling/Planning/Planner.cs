using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;

namespace Tutti.Scheduling.Planning;

/// <summary>How long and how the planner may search.</summary>
public sealed record PlannerOptions
{
    /// <summary>Wall-clock time for the whole of planning, from a moment to a day.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>1: one thread, and the same instance and seed give the same plan as long as the search ends by its work and not by the clock. 2: a second thread for the proof.</summary>
    public int Workers { get; init; } = 2;

    public int Seed { get; init; } = 1;

    /// <summary>
    /// With one worker the search ends after so much work, counted in steps and in the solver's own units, so that it ends at the same point on every machine; null: what
    /// fits into a third of the time limit on a machine of 2024.
    /// </summary>
    public double? WorkLimit { get; init; }

    /// <summary>The work of the whole search: with more workers than one it is the clock that ends it.</summary>
    internal double Work => WorkLimit ?? (Workers == 1 ? TimeLimit.TotalSeconds / 3 : TimeLimit.TotalSeconds);

    /// <summary>For each experiment without a place, say which rule keeps it out and what would help.</summary>
    public bool Explain { get; init; }

    /// <summary>With <see cref="Explain"/>: so much time beyond <see cref="TimeLimit"/> to find out what placing each by force would displace.</summary>
    public TimeSpan ForceTime { get; init; }

    /// <summary>The most time beyond <see cref="TimeLimit"/> to say why the rest has no place and who would be next; as much again, and <see cref="ForceTime"/>, to explain it.</summary>
    internal TimeSpan TellingTime => TimeLimit / 2 is var half && half > LeastTellingTime ? half : LeastTellingTime;

    private static TimeSpan LeastTellingTime => TimeSpan.FromSeconds(5);
}

/// <summary>
/// Plans an instance: a plan by score first, then ruin and recreate for better ones, the problem without time for a bound and for a plan to aim at, and CP-SAT on the
/// whole or on parts of it for the rest and for the proof. The best plan found is kept here, whatever a worker does.
/// </summary>
public static class Planner
{
    /// <summary>The best plan within the limits; stopping early by <paramref name="stop"/> gives the best plan so far, which at the least is the one by score.</summary>
    /// <param name="start">A plan to begin with: what of it is legal is kept.</param>
    /// <param name="progress">Told of every better plan and bound, on the thread of the search; an exception from it stops the search and comes out here.</param>
    /// <exception cref="PlanningException">The instance makes no sense, or what is pinned cannot be completed.</exception>
    /// <exception cref="InvalidOperationException">The planner itself is at fault: its model is not valid, or its plan breaks a rule.</exception>
    public static ShiftPlan Plan(PlanningInstance instance, PlannerOptions options, ShiftPlan? start = null, Action<PlanProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.TimeLimit, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.TimeLimit, TimeSpan.FromDays(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ForceTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ForceTime, TimeSpan.FromDays(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Workers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Workers, 64);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Seed);
        if (options.WorkLimit is { } limit && !(limit is > 0 and < 1e6)) throw new ArgumentOutOfRangeException(nameof(options), limit, "The work limit must be positive and below a million.");
        var watch = Stopwatch.StartNew();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stop);
        done.CancelAfter(options.TimeLimit);
        if (InstanceValidation.Errors(instance) is { Count: > 0 } errors) throw new PlanningException(errors);

        var space = new Space(instance);
        var incumbent = new Incumbent(space, options, progress, done, watch);
        var given = start is null ? null : Places(space, start);
        if (given is not null && space.Experiments.Any(data => data.Options.Any(option => option.Prices is not null)))
            space.Homes = [.. given.Select(place => place?.Option.Prices is null ? null : place)];
        var first = Greedy.Fill(space, given, (ulong)options.Seed, stop);
        incumbent.Offer(first.Copy(), start is null ? "greedy" : Kept(first, given, start));
        if (space.Experiments.Length == 0) incumbent.Lower(incumbent.Objective, "greedy");
        if (!incumbent.IsOptimal && !done.IsCancellationRequested)
        {
            if (options.Workers == 1) new Search(space, incumbent, options, 0, done.Token).Alone(options.Work);
            else Together(space, incumbent, options, done);
        }
        if (!incumbent.IsOptimal && !incumbent.EnforcesRank && !stop.IsCancellationRequested) Fill(space, incumbent, options);
        return Result(space, incumbent, options, stop);
    }

    /// <summary>A search that was cut off may leave room for something.</summary>
    private static void Fill(Space space, Incumbent incumbent, PlannerOptions options)
    {
        var draft = new Draft(space);
        draft.Load(incumbent.Best.Plan);
        var dice = new Dice((ulong)options.Seed);
        Greedy.Extend(draft, CancellationToken.None, ref dice);
        incumbent.Offer(draft.Copy(), "greedy");
    }

    private static void Together(Space space, Incumbent incumbent, PlannerOptions options, CancellationTokenSource done)
    {
        Exception? failure = null;
        var workers = new Action[] { () => new Search(space, incumbent, options, 0, done.Token).Improve(), () => new Search(space, incumbent, options, 1, done.Token).Prove() };
        var threads = workers.Select((work, n) => new Thread(() =>
        {
#pragma warning disable CA1031 // An exception on this thread would end the process; it is thrown again below.
            try
            {
                work();
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, exception, null);
                done.Cancel();
            }
#pragma warning restore CA1031
        }, 16 << 20)
        { IsBackground = true, Name = n == 0 ? "planner: improve" : "planner: prove" }).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }

    private static string Kept(Draft first, Place?[]? given, ShiftPlan start) =>
        string.Create(CultureInfo.InvariantCulture, $"start, {given?.Where((place, e) => place is not null && first[e] is { } there && place.Same(there)).Count() ?? 0} of its {start.Placements.Count} placements kept");

    internal static Place?[] Places(Space space, ShiftPlan plan)
    {
        var places = new Place?[space.Experiments.Length];
        foreach (var placement in plan.Placements)
            if (space.ExperimentIndex.TryGetValue(placement.Experiment, out var e) && space.PlaceOf(e, placement) is { } place && PinErrors.OwnRules(space, e, place) is null) places[e] = place;
        return places;
    }

    internal static IReadOnlyList<PlanLayer> Layers(Space space, Place?[] plan)
    {
        var draft = new Draft(space);
        draft.Load(plan);
        var weights = space.Weights;
        var science = plan.Select((place, e) => place is null || weights.Science == 0 ? 0 : space.Experiments[e].Unit / weights.Science * place.Option.Shifts).Sum();
        var unwelcome = plan.Select((place, e) => (long)(place?.Blocks.Count(block => !Space.Prefers(space.Instance.Experiments[e], block.Start)) ?? 0)).Sum();
        return
        [
            new("science", science, weights.Science, weights.Science * science), Cost("guarantee", draft.Shortfall, weights.Guarantee), Cost("travel", weights.Travel == 0 ? 0 : draft.Trips, weights.Travel),
            Cost("preference", unwelcome, weights.Preference), Cost("setUp", draft.SetUps?.Cost ?? 0, weights.SetUp), Cost("evenLoad", draft.Workload?.Peaks ?? 0, weights.EvenLoad),
            Cost("places", Space.Price(plan) - (weights.Preference * unwelcome) - plan.Select((place, e) => place is null ? 0 : space.Experiments[e].Bonus).Sum(), 1),
        ];

        static PlanLayer Cost(string layer, long amount, long weight) => new(layer, amount, weight, -weight * amount);
    }

    /// <summary>Who has fewer shifts than asked.</summary>
    internal static IReadOnlyList<SmallerGrant> Granted(Space space, Place?[] plan) =>
        [.. plan.Select((place, e) => (Place: place, Data: space.Experiments[e])).Where(one => one.Place is { } place && place.Option.Shifts < one.Data.Shifts)
            .Select(one => new SmallerGrant(one.Data.Id, one.Data.Shifts, one.Place?.Option.Shifts ?? 0))];

    /// <summary>A plan that was cut off in the making, with the reasons of what has no place in it and the reserve list; nothing native is called.</summary>
    /// <exception cref="PlanningException">The instance makes no sense.</exception>
    public static ShiftPlan WithReasons(PlanningInstance instance, ShiftPlan plan, CancellationToken stop = default)
    {
        if (InstanceValidation.Errors(instance) is { Count: > 0 } errors) throw new PlanningException(errors);
        var space = new Space(instance);
        var places = Places(space, plan);
        return plan with { Unplaced = new Reasons(space, places).All(stop), Reserve = ReserveList.Of(space, places, stop) };
    }

    private static ShiftPlan Result(Space space, Incumbent incumbent, PlannerOptions options, CancellationToken stop)
    {
        var (plan, objective) = incumbent.Best;
        var reasons = new Reasons(space, plan);
        using var telling = CancellationTokenSource.CreateLinkedTokenSource(stop);
        telling.CancelAfter(options.TellingTime);
        return new()
        {
            Status = incumbent.IsOptimal ? PlanStatus.Optimal : PlanStatus.Feasible, Objective = objective, Bound = Math.Max(objective, incumbent.Bound),
            Placements = incumbent.Placements(plan), Layers = Layers(space, plan), Reserve = ReserveList.Of(space, plan, telling.Token),
            Granted = Granted(space, plan),
            RankOpen = incumbent.Open.Count == 0 ? null : [.. incumbent.Open.SelectMany(p => space.Proposals[p].Members).Select(p => space.Proposals[p].Id).Order()],
            Unplaced = reasons.All(telling.Token), Explain = options.Explain ? Forcing.Explain(space, plan, objective, reasons, options, stop) : null,
        };
    }
}
