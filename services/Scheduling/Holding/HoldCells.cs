using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Holding;

/// <summary>Brings what is asked of the pool in line with the placements of a plan: cells are let go before others are asked for, because the freed one may serve.</summary>
internal static class HoldCells
{
    /// <summary>
    /// Cells that the teams were promised stay held until the plan is published again. A new request names all reservations of its experiment that it is to replace: a release goes
    /// another way to the pool, and may come after it.
    /// Tells whether answers of the pool are to be waited for.
    /// </summary>
    public static async Task<bool> AskAsync(SchedulingDb db, CallPlan plan, IReadOnlySet<Guid> changeable, string reason, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var live = await db.Reservations.Where(x => x.PlanId == plan.Id && (x.Status == ReservationStatus.Asked || x.Status == ReservationStatus.Held)).ToListAsync(cancel);
        foreach (var entry in plan.Entries.Where(entry => changeable.Contains(entry.ExperimentId)))
            entry.ReservationId = entry is { CellDesignCode: not null, IsPlaced: true } ? live.Find(one => one.IsFor(entry))?.Id : null;
        Release(db, live.Where(one => one.PromisedAt is null && plan.Entries.TrueForAll(entry => entry.ReservationId != one.Id)), reason, time);
        var released = (await db.Reservations.AsNoTracking().Where(x => x.PlanId == plan.Id && x.Status == ReservationStatus.Released).Select(x => new { x.Id, x.ExperimentId }).ToListAsync(cancel)).ToLookup(x => x.ExperimentId, x => x.Id);
        foreach (var entry in plan.Entries.Where(entry => changeable.Contains(entry.ExperimentId) && entry is { IsPlaced: true, CellDesignCode: not null, ReservationId: null }))
        {
            var asked = Reservation.Ask(Guid.CreateVersion7(now), entry, plan.Round);
            entry.ReservationId = asked.Id;
            db.Add(asked);
            live.Add(asked);
            db.Publish(new ReserveCell
            {
                ReservationId = asked.Id, PlanId = plan.Id, ProposalId = entry.ProposalId, ExperimentId = entry.ExperimentId, InstrumentCode = entry.InstrumentCode,
                CellDesignCode = asked.CellDesignCode, Mode = entry.Mode, From = asked.From, To = asked.To,
                Replaces = Replaced(entry) is { Count: > 0 } replaced ? replaced : null,
            }, time);
        }
        return live.Exists(one => one.Status == ReservationStatus.Asked);

        List<Guid> Replaced(PlanEntry entry) => [.. live.Where(one => one.ExperimentId == entry.ExperimentId && one.Id != entry.ReservationId && (one.PromisedAt is not null || !one.IsLive)).Select(one => one.Id)
            .Union(released[entry.ExperimentId]).Order()];
    }

    /// <summary>Lets go everything held or asked for that no placement of the plan has, and nobody was promised.</summary>
    public static async Task ReleaseUnusedAsync(SchedulingDb db, CallPlan plan, string reason, TimeProvider time, CancellationToken cancel) =>
        Release(db, (await LiveAsync(db, plan, cancel)).Where(one => one.PromisedAt is null && plan.Entries.TrueForAll(entry => entry.ReservationId != one.Id)), reason, time);

    /// <summary>Lets go everything that a plan holds or has asked for.</summary>
    public static async Task ReleaseAllAsync(SchedulingDb db, CallPlan plan, string reason, TimeProvider time, CancellationToken cancel) =>
        Release(db, await LiveAsync(db, plan, cancel), reason, time);

    private static Task<List<Reservation>> LiveAsync(SchedulingDb db, CallPlan plan, CancellationToken cancel) =>
        db.Reservations.Where(x => x.PlanId == plan.Id && (x.Status == ReservationStatus.Asked || x.Status == ReservationStatus.Held)).ToListAsync(cancel);

    private static void Release(SchedulingDb db, IEnumerable<Reservation> reservations, string reason, TimeProvider time)
    {
        foreach (var one in reservations) db.Publish(one.Release(reason), time);
    }
}
