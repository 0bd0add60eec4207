using System.Diagnostics;
using System.Globalization;
using Google.OrTools.Sat;

namespace Tutti.Scheduling.Planning;

/// <summary>How long and how the planner may search.</summary>
public sealed record PlannerOptions
{
    /// <summary>Wall-clock time for the whole of planning, from a moment to a day.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>With one worker the same problem and seed give the same plan, as long as the search ends by itself or by <see cref="DeterministicLimit"/>.</summary>
    public int Workers { get; init; } = 1;

    public int Seed { get; init; } = 1;

    /// <summary>A limit in the solver's own units of work (about a second each), which stops at the same point on every machine.</summary>
    public double? DeterministicLimit { get; init; }
}

/// <summary>The answer to a request for a plan: the plan, or all the errors for which the problem was not planned.</summary>
public sealed record PlanningResult(Plan? Plan, IReadOnlyList<ProblemError> Errors);

/// <summary>
/// Plans a whole problem at once: first by score at the earliest place, then CP-SAT from there, and the best plan found is kept whatever the solver says
/// at the end. Every plan is judged by <see cref="PlanChecker"/> before it is given out.
/// </summary>
public static class Planner
{
    /// <summary>
    /// The best plan within the time limit; stopping the search early by <paramref name="stop"/> gives the best plan so far, which at the least is the one by score.
    /// </summary>
    /// <param name="progress">Told of every better plan, on the thread of the search; an exception from it stops the search and comes out here.</param>
    /// <exception cref="InvalidOperationException">The planner itself is at fault: its model is not valid, or its plan breaks a rule.</exception>
    public static PlanningResult Plan(PlanningProblem problem, PlannerOptions options, Action<PlanProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.TimeLimit, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.TimeLimit, TimeSpan.FromDays(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Workers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Workers, 64);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Seed);
        if (options.DeterministicLimit is { } limit && !(limit is > 0 and < 1e6))
            throw new ArgumentOutOfRangeException(nameof(options), limit, "The deterministic limit must be positive and below a million.");

        if (problem.Validate() is { Count: > 0 } errors) return new(null, errors);

        var watch = Stopwatch.StartNew();
        var places = new Places(problem);
        var best = new DraftPlan(places);
        best.Fill(stop);
        var bound = places.TrivialBound();
        progress?.Invoke(new(watch.Elapsed, best.Objective, bound));

        if (best.Objective < bound && !stop.IsCancellationRequested && watch.Elapsed < options.TimeLimit)
        {
            (var placed, bound) = Search(places, best, bound, options, watch, progress, stop);
            best = new DraftPlan(places, placed);
            best.Fill(stop);
        }

        var plan = Result(places, best, bound);
        if (PlanChecker.Check(problem, plan) is [var violation, ..])
            throw new InvalidOperationException($"The planner made a plan that breaks a rule: {violation}");
        return new(plan, []);
    }

    private static (IReadOnlyList<(int, Place)> Placed, long Bound) Search(
        Places places, DraftPlan start, long bound, PlannerOptions options, Stopwatch watch, Action<PlanProgress>? progress, CancellationToken stop)
    {
        var model = new PlanModel(places);
        model.Hint(start);
        if (model.Model.Validate() is { Length: > 0 } fault) throw new InvalidOperationException($"The planner's model is not valid: {fault}");
        var left = options.TimeLimit - watch.Elapsed;
        if (left <= TimeSpan.Zero || stop.IsCancellationRequested) return ([.. start.Placed], bound);

        var solver = new CpSolver { StringParameters = Parameters(options, left) };
        using var incumbent = new Incumbent(model, [.. start.Placed], start.Objective, bound, watch, progress, stop);
        // StopSearch is lost when it comes before the search has begun, so it is repeated until it has its effect.
        using var stopping = new Timer(_ => { if (stop.IsCancellationRequested) solver.StopSearch(); }, null, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20));
        var status = solver.Solve(model.Model, incumbent);
        incumbent.ThrowIfFailed();
        var proven = status switch
        {
            CpSolverStatus.Optimal => incumbent.Objective,
            CpSolverStatus.Feasible => Math.Min(bound, (long)Math.Floor(solver.BestObjectiveBound + 1e-6)),
            // Without a solution of its own (stopped during presolve) the solver's bound says nothing.
            CpSolverStatus.Unknown => bound,
            CpSolverStatus.Infeasible => throw new InvalidOperationException("The planner's model refuses the plan that it was started with."),
            CpSolverStatus.ModelInvalid => throw new InvalidOperationException($"The planner's model is not valid: {solver.SolutionInfo()}"),
            _ => throw new InvalidOperationException($"The solver answered {status}."),
        };
        if (status == CpSolverStatus.Optimal && (long)Math.Round(solver.ObjectiveValue) != incumbent.Objective)
            throw new InvalidOperationException($"The solver proved {solver.ObjectiveValue} best, but the best plan seen has {incumbent.Objective}.");
        return (incumbent.Placed, Math.Max(proven, incumbent.Objective));
    }

    /// <summary>A slip in this text aborts the process: it is made of constants and checked numbers only.</summary>
    private static string Parameters(PlannerOptions options, TimeSpan left) => string.Create(CultureInfo.InvariantCulture,
        $"max_time_in_seconds:{left.TotalSeconds:F3} num_workers:{options.Workers} random_seed:{options.Seed} max_deterministic_time:{options.DeterministicLimit ?? 1e9:F3} catch_sigint_signal:false");

    private static Plan Result(Places places, DraftPlan draft, long bound)
    {
        var problem = places.Problem;
        var objective = draft.Objective;
        return new Plan
        {
            Status = objective >= bound ? PlanStatus.Optimal : PlanStatus.Feasible,
            Objective = objective,
            Bound = bound,
            Placements = [.. draft.Placed.OrderBy(one => one.Place.Start).ThenBy(one => one.Experiment).Select(one => new Placement(
                problem.Experiments[one.Experiment].Id,
                problem.Instruments[one.Place.Instrument].Id,
                one.Place.Start,
                one.Place.End,
                [.. Enumerable.Range(one.Place.FirstShift, problem.Experiments[one.Experiment].Shifts)]))],
            Unplaced = [.. draft.Explain().Select(one => new UnplacedExperiment(problem.Experiments[one.Experiment].Id, one.Reasons))],
        };
    }

    /// <summary>Keeps the best plan seen. An exception that leaves a callback would kill the process, so it is kept for later and the search stopped.</summary>
    private sealed class Incumbent(
        PlanModel model, IReadOnlyList<(int, Place)> start, long objective, long bound, Stopwatch watch, Action<PlanProgress>? progress, CancellationToken stop)
        : CpSolverSolutionCallback
    {
        private Exception? failure;

        public IReadOnlyList<(int, Place)> Placed { get; private set; } = start;

        public long Objective { get; private set; } = objective;

        public override void OnSolutionCallback()
        {
#pragma warning disable CA1031 // Nothing may pass into native code; the exception is thrown by ThrowIfFailed as soon as the solver is back.
            try
            {
                var found = (long)Math.Round(ObjectiveValue());
                if (found > Objective)
                {
                    Placed = model.Read(Value);
                    Objective = found;
                    progress?.Invoke(new(watch.Elapsed, found, Math.Min(bound, (long)Math.Floor(BestObjectiveBound() + 1e-6))));
                }
                if (stop.IsCancellationRequested) StopSearch();
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
            if (failure is not null) throw new InvalidOperationException("Reading or reporting a plan during the search failed.", failure);
        }
    }
}
