using System.Diagnostics;
using System.Diagnostics.Metrics;
using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Planning;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Allocating;

/// <summary>
/// Lets the planner work in a process or on a thread of its own: it is native code that takes a whole core. For this process one plan is made at a time, and beside it one repair, which is short and
/// does not wait.
/// </summary>
internal static class Solver
{
    private static readonly SemaphoreSlim plans = new(1, 1), repairs = new(1, 1);
    private static readonly Histogram<double> duration = Telemetry.Meter.CreateHistogram<double>("tutti.planner.duration", "s", "One round of a plan.");

    public static async Task<PlanningResult> SolveAsync(
        PlanningProblem problem, PlannerOptions options, string? program, Action<PlanProgress> progress, bool isRepair, CancellationToken stop)
    {
        var slot = isRepair ? repairs : plans;
        await slot.WaitAsync(stop);
        using var span = Telemetry.Activities.StartActivity("planner solve");
        span?.SetTag("tutti.experiments", problem.Experiments.Count);
        var started = Stopwatch.GetTimestamp();
        try
        {
            var result = program is null ? await OnThreadAsync(problem, options, progress, stop) : await AskPlanner.PlanAsync(problem, options, new SolverProcess(program), progress, stop);
            duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
            return result;
        }
        finally
        {
            slot.Release();
        }
    }

    private static Task<PlanningResult> OnThreadAsync(PlanningProblem problem, PlannerOptions options, Action<PlanProgress> progress, CancellationToken stop)
    {
        var answer = new TaskCompletionSource<PlanningResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                answer.SetResult(AskPlanner.Plan(problem, options, progress, stop));
            }
            catch (Exception exception)
            {
                // Thrown again where the answer is awaited; on this thread it would end the process.
                answer.SetException(exception);
            }
        })
        { IsBackground = true, Name = "planner" }.Start();
        return answer.Task;
    }
}
