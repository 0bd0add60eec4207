using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Holding;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Allocating;

/// <summary>The user office gives up a plan that is not yet published; every cell held for it is let go.</summary>
public static class AbandonPlan
{
    internal static void Map(RouteGroupBuilder group) => group.MapDelete("/plans/{id:guid}", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, SchedulingDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var plan = await db.Plans.SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (plan is null) return TypedResults.NotFound();
        plan.Supersede(person.Id, "Given up by the user office.", Guid.CreateVersion7(now), now);
        await ReleaseAllAsync(db, plan, "The plan was given up.", time, cancel);
        if (await db.OpenPlans.SingleOrDefaultAsync(x => x.PlanId == id, cancel) is { } open) db.Remove(open);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    /// <summary>Releases every cell that a plan holds or has asked for.</summary>
    internal static async Task ReleaseAllAsync(SchedulingDb db, CallPlan plan, string reason, TimeProvider time, CancellationToken cancel)
    {
        var live = await db.Reservations.Where(x => x.PlanId == plan.Id && (x.Status == ReservationStatus.Asked || x.Status == ReservationStatus.Held)).ToListAsync(cancel);
        foreach (var reservation in live) db.Publish(reservation.Release(reason), time);
    }
}
