using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Holding;

namespace Tutti.Scheduling.Allocating;

/// <summary>Whether a plan that is ready still fits the world: no proposal withdrawn or changed, no calendar changed, no shifts taken, no cell lost.</summary>
internal static class Staleness
{
    /// <param name="now">What it would be made from now, where that is known already.</param>
    public static async Task<bool> IsStaleAsync(this CallPlan plan, SchedulingDb db, CancellationToken cancel, PlanInputs? now = null) =>
        plan.Status is CallPlanStatus.Ready or CallPlanStatus.Tentative
        && (!plan.Inputs.StillHold(now ?? await PlanSnapshot.InputsNowAsync(db, plan, cancel))
            || await db.Set<PlanEntry>().AnyAsync(entry => entry.PlanId == plan.Id && entry.From != null && entry.CellDesignCode != null
                && db.Experiments.Any(one => one.Id == entry.ExperimentId && (one.Status == ExperimentStatus.Granted || one.Status == ExperimentStatus.Scheduled))
                && !db.Reservations.Any(held => held.Id == entry.ReservationId && held.Status == ReservationStatus.Held), cancel));
}
