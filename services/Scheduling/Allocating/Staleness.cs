using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Holding;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Allocating;

/// <summary>Whether a plan that is ready still fits the world: no proposal withdrawn or changed, no calendar changed, no shifts taken, no cell or equipment lost.</summary>
internal static class Staleness
{
    /// <summary>Whether nothing is promised or offered of it until somebody looks at it again.</summary>
    /// <exception cref="RuleViolation"><c>plan.stale</c>.</exception>
    public static async Task RequireFreshAsync(this CallPlan plan, SchedulingDb db, CancellationToken cancel, PlanInputs? now = null)
    {
        if (await plan.IsStaleAsync(db, cancel, now))
            throw new RuleViolation("plan.stale", "Since the plan was made a proposal, a calendar, a cell or equipment has changed: ask for another round or, of a plan that was never published, for a new plan.");
    }

    /// <param name="now">What it would be made from now, where that is known already.</param>
    public static async Task<bool> IsStaleAsync(this CallPlan plan, SchedulingDb db, CancellationToken cancel, PlanInputs? now = null)
    {
        if (plan.Status is not (CallPlanStatus.Ready or CallPlanStatus.Tentative)) return false;
        if (!plan.Inputs.StillHold(now ?? await PlanSnapshot.InputsNowAsync(db, plan, cancel))) return true;
        var placed = await db.Set<PlanEntry>().AsNoTracking().Where(entry => entry.PlanId == plan.Id && entry.From != null
                && db.Experiments.Any(one => one.Id == entry.ExperimentId && (one.Status == ExperimentStatus.Granted || one.Status == ExperimentStatus.Scheduled)))
            .Select(entry => new { entry.CellDesignCode, entry.Equipment, entry.Reservations }).ToListAsync(cancel);
        var held = await db.Reservations.Where(one => one.PlanId == plan.Id && one.Status == ReservationStatus.Held).Select(one => one.Id).ToHashSetAsync(cancel);
        return placed.Exists(entry => entry.Reservations.Count(held.Contains) < Need.Of(entry.CellDesignCode, entry.Equipment).Count);
    }
}
