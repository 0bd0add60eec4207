using System.Globalization;
using System.Runtime.ExceptionServices;
using Google.OrTools.Sat;

namespace Tutti.Scheduling.Planning;

/// <summary>How long one call of the solver may take, and how it searches.</summary>
internal sealed record SolverLimits(double Seconds, double Work, int Seed, string More = SolverLimits.OfAPart)
{
    /// <summary>Questions about a part of a plan are often infeasible, and CP-SAT 9.15 aborts where it looks for symmetries in what its presolve has found to be so.</summary>
    private const string OfAPart = "symmetry_level:0";
}

/// <summary>What one call of the solver came to: the best plan it found (null: none), and how much none can be worth more than.</summary>
internal sealed record SolverAnswer(CpSolverStatus Status, Place?[]? Plan, long Objective, long Bound, double Work);

/// <summary>Calls CP-SAT on a model with one worker, keeps the best plan itself, and lets no exception pass into native code.</summary>
internal static class ExactSolver
{
    public static SolverAnswer Solve(ExactModel model, SolverLimits limits, CancellationToken stop, Action<long>? bound = null, Action<Place?[], long>? found = null)
    {
        if (model.Model.Validate() is { Length: > 0 } fault) throw new InvalidOperationException($"The planner's model is not valid: {fault}");
        using var solver = new CpSolver { StringParameters = Parameters(limits) };
        using var incumbent = new Incumbent(model, found, stop);
        if (bound is not null)
            solver.SetBestBoundCallback(value =>
            {
#pragma warning disable CA1031 // Nothing may pass into native code.
                try
                {
                    bound((long)Math.Floor(value + 1e-6) + model.Fixed);
                }
                catch (Exception exception)
                {
                    incumbent.Fail(exception);
                }
#pragma warning restore CA1031
            });
        // StopSearch is lost when it comes before the search has begun, so it is repeated until it has its effect.
        using var stopping = new Timer(_ => { if (stop.IsCancellationRequested || incumbent.HasFailed) solver.StopSearch(); }, null, 20, 20);
        var status = solver.Solve(model.Model, incumbent);
        incumbent.ThrowIfFailed();
        if (status == CpSolverStatus.ModelInvalid) throw new InvalidOperationException($"The planner's model is not valid: {solver.SolutionInfo()}");
        var work = solver.Response?.DeterministicTime ?? 0;
        // Without a search of its own (stopped during presolve) the solver's bound says nothing.
        var best = status is CpSolverStatus.Optimal or CpSolverStatus.Feasible || (status == CpSolverStatus.Unknown && solver.BestObjectiveBound is > 0 and < 1e15)
            ? (long)Math.Floor(solver.BestObjectiveBound + 1e-6) + model.Fixed : long.MaxValue;
        return new(status, incumbent.Plan, incumbent.Objective, status == CpSolverStatus.Optimal ? incumbent.Objective : best, work);
    }

    /// <summary>A slip in this text aborts the process: it is made of constants and checked numbers only.</summary>
    public static string Parameters(SolverLimits limits) => string.Create(CultureInfo.InvariantCulture,
        $"num_workers:1 max_time_in_seconds:{Math.Clamp(limits.Seconds, 0.01, 86_400):F3} max_deterministic_time:{Math.Clamp(limits.Work, 0.001, 1e7):F3} random_seed:{Math.Max(0, limits.Seed)} catch_sigint_signal:false {limits.More}");

    private sealed class Incumbent(ExactModel model, Action<Place?[], long>? found, CancellationToken stop) : CpSolverSolutionCallback
    {
        private Exception? failure;

        public Place?[]? Plan { get; private set; }

        public long Objective { get; private set; } = long.MinValue;

        public bool HasFailed => failure is not null;

        public void Fail(Exception exception) => failure = exception;

        public override void OnSolutionCallback()
        {
#pragma warning disable CA1031 // Nothing may pass into native code; the exception is thrown by ThrowIfFailed as soon as the solver is back.
            try
            {
                var value = (long)Math.Round(ObjectiveValue()) + model.Fixed;
                if (value > Objective)
                {
                    Plan = model.Read(Value);
                    Objective = value;
                    found?.Invoke(Plan, value);
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
            if (failure is not null) ExceptionDispatchInfo.Throw(failure);
        }
    }
}
