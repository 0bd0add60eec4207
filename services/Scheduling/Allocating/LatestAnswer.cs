using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Asking;

namespace Tutti.Scheduling.Allocating;

/// <summary>What the planner said when it last went over a plan.</summary>
internal static class LatestAnswer
{
    /// <summary>The run and its plan; null: the planner has not gone over it yet, or found none.</summary>
    public static async Task<(PlanRun Run, Plan Plan)?> LatestAnswerAsync(this SchedulingDb db, Guid plan, CancellationToken cancel)
    {
        var run = await db.Runs.AsNoTracking().Where(x => x.PlanId == plan && x.Result != null).OrderByDescending(x => x.StartedAt).ThenByDescending(x => x.Id).FirstOrDefaultAsync(cancel);
        return run?.Result is { } stored && Compressed.Read<PlanningResult>(stored).Plan is { } answer ? (run, answer) : null;
    }
}
