using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Amending;
using Tutti.Scheduling.Holding;
using Tutti.Scheduling.Offering;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Allocating;

/// <summary>
/// The user office gives up a plan that is not yet published, or the changes to one that is, which then holds as it was promised. Whatever is held for what is
/// given up is let go.
/// </summary>
public static class AbandonPlan
{
    internal static void Map(RouteGroupBuilder group) => group.MapDelete("/plans/{id:guid}", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, [AsParameters] Desk desk)
    {
        var (db, time, cancel, now) = (desk.Db, desk.Time, desk.Cancel, desk.Time.GetUtcNow());
        var plan = await db.Plans.Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == id && x.CopyOf == null, cancel);
        if (plan is null) return TypedResults.NotFound();
        await desk.Http.Request.RequireLatestAsync(plan, db, cancel);
        if (plan.IsLive) await DiscardAsync(db, plan, desk.Person.Id, "Given up by the user office.", time, cancel);
        else
        {
            WithdrawOffer.Tell(db, plan, "The plan was given up.", time);
            plan.Supersede(desk.Person.Id, "Given up by the user office.", Guid.CreateVersion7(now), now);
            await HoldNeeds.ReleaseAllAsync(db, plan, "The plan was given up.", time, cancel);
            if (await db.OpenPlans.SingleOrDefaultAsync(x => x.PlanId == id, cancel) is { } open) db.Remove(open);
        }
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    /// <summary>Takes a plan back to what was published.</summary>
    private static async Task DiscardAsync(SchedulingDb db, CallPlan plan, Guid? by, string reason, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var published = await db.Versions.AsNoTracking().SingleAsync(x => x.PlanId == plan.Id && x.Number == plan.LiveVersion, cancel);
        var begun = await db.BegunAsync(plan.Entries.Select(entry => entry.ProposalId), cancel);
        WithdrawOffer.Tell(db, plan, "Changes to the plan were given up: what was published holds.", time);
        plan.Discard(published.Lines, begun, by, reason, Guid.CreateVersion7(now), now);
        var promised = await db.Experiments.AsNoTracking().Where(x => x.PlanId == plan.Id).ToDictionaryAsync(x => x.Id, x => x.Reservations, cancel);
        foreach (var entry in plan.Entries.Where(entry => entry.IsPlaced)) entry.Reservations = promised.GetValueOrDefault(entry.ExperimentId) ?? [];
        await HoldNeeds.ReleaseUnusedAsync(db, plan, "Changes to the plan were given up.", time, cancel);
        db.Add(plan.Record(PlanVersionKind.Discard, by, reason, now, plan.LiveVersion));
    }
}
