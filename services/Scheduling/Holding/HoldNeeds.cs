using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Holding;

/// <summary>
/// Brings what is asked of the pool, cells and equipment, in line with the placements of a plan: what is not needed is let go before anything is asked for, because what is freed may serve.
/// </summary>
internal static class HoldNeeds
{
    /// <summary>
    /// What the teams were promised stays held until the plan is published again. A new request names all reservations of its experiment that it is to replace: a release goes
    /// another way to the pool, and may come after it.
    /// Tells whether answers of the pool are to be waited for.
    /// </summary>
    public static async Task<bool> AskAsync(SchedulingDb db, CallPlan plan, IReadOnlySet<Guid> changeable, string reason, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var live = await LiveAsync(db, plan, cancel);
        var byExperiment = live.ToLookup(one => one.ExperimentId);
        foreach (var entry in plan.Entries.Where(entry => changeable.Contains(entry.ExperimentId)))
            entry.Reservations = entry.IsPlaced ? [.. entry.Needs.Select(need => byExperiment[entry.ExperimentId].FirstOrDefault(one => one.Need == need && one.IsFor(entry))?.Id).OfType<Guid>()] : [];
        Release(db, Unused(live, plan), reason, time);
        var released = (await db.Reservations.AsNoTracking().Where(x => x.PlanId == plan.Id && x.Status == ReservationStatus.Released).Select(x => new { x.Id, x.ExperimentId, x.Kind }).ToListAsync(cancel))
            .ToLookup(x => (x.ExperimentId, x.Kind), x => x.Id);
        var kept = live.ToDictionary(one => one.Id);
        var waits = false;
        foreach (var entry in plan.Entries.Where(entry => changeable.Contains(entry.ExperimentId) && entry.IsPlaced))
            foreach (var need in entry.Needs.Except([.. entry.Reservations.Select(id => kept[id].Need)]).ToList())
            {
                var asked = Reservation.Ask(Guid.CreateVersion7(now), entry, need, plan.Round);
                entry.Reservations = [.. entry.Reservations, asked.Id];
                db.Add(asked);
                waits = true;
                db.Publish(asked.Request(entry.Mode, Replaced(entry, need.Kind) is { Count: > 0 } replaced ? replaced : null), time);
            }
        return waits || live.Exists(one => one.Status == ReservationStatus.Asked);

        List<Guid> Replaced(PlanEntry entry, ReservationKind kind) =>
            [.. byExperiment[entry.ExperimentId].Where(one => one.Kind == kind && !entry.Reservations.Contains(one.Id) && (one.PromisedAt is not null || !one.IsLive)).Select(one => one.Id)
                .Union(released[(entry.ExperimentId, kind)]).Order()];
    }

    /// <summary>Lets go everything held or asked for that no placement of the plan has, and nobody was promised.</summary>
    public static async Task ReleaseUnusedAsync(SchedulingDb db, CallPlan plan, string reason, TimeProvider time, CancellationToken cancel) =>
        Release(db, Unused(await LiveAsync(db, plan, cancel), plan), reason, time);

    /// <summary>Lets go everything that a plan holds or has asked for.</summary>
    public static async Task ReleaseAllAsync(SchedulingDb db, CallPlan plan, string reason, TimeProvider time, CancellationToken cancel) =>
        Release(db, await LiveAsync(db, plan, cancel), reason, time);

    private static List<Reservation> Unused(List<Reservation> live, CallPlan plan)
    {
        var used = plan.Entries.SelectMany(entry => entry.Reservations).ToHashSet();
        return live.FindAll(one => one.PromisedAt is null && !used.Contains(one.Id));
    }

    private static Task<List<Reservation>> LiveAsync(SchedulingDb db, CallPlan plan, CancellationToken cancel) =>
        db.Reservations.Where(x => x.PlanId == plan.Id && (x.Status == ReservationStatus.Asked || x.Status == ReservationStatus.Held)).ToListAsync(cancel);

    private static void Release(SchedulingDb db, IEnumerable<Reservation> reservations, string reason, TimeProvider time)
    {
        foreach (var one in reservations) db.Publish(one.Release(reason), time);
    }
}
