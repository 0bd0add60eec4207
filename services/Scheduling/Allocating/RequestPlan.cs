using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Holding;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Allocating;

/// <summary>Somebody who plans asks for a plan of a call; one that has become stale gives way to it.</summary>
public static class RequestPlan
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/calls/{callId:guid}/plans", Handle);

    internal static async Task<Results<Accepted<Response>, NotFound>> Handle(Guid callId, SearchSettings? search, SchedulingDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        search?.RequireSense();
        var now = time.GetUtcNow();
        if (!await db.Proposals.AnyAsync(x => x.CallId == callId && x.Revision > 0, cancel)) return TypedResults.NotFound();
        if (!await db.Experiments.AnyAsync(x => x.CallId == callId && x.Status == ExperimentStatus.Granted, cancel))
            throw new RuleViolation("plan.nothing-to-plan", "Every granted experiment of the call has its shifts.");

        var plan = CallPlan.Request(Guid.CreateVersion7(now), callId, person.Id, now, search);
        var open = await db.OpenPlans.SingleOrDefaultAsync(x => x.CallId == callId, cancel);
        if (open is not null)
        {
            var present = await db.Plans.SingleAsync(x => x.Id == open.PlanId, cancel);
            if (!await present.IsStaleAsync(db, cancel)) throw AlreadyOpen();
            present.Supersede(person.Id, "Another plan was asked for, because this one had become stale.", Guid.CreateVersion7(now), now);
            await HoldCells.ReleaseAllAsync(db, present, "The plan was given up.", time, cancel);
            open.PlanId = plan.Id;
        }
        else db.Add(new OpenPlan { CallId = callId, PlanId = plan.Id });
        db.Add(plan);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException) when (open is null)
        {
            // Of two requests at once the second finds the row of the call taken.
            db.ChangeTracker.Clear();
            if (await db.OpenPlans.AnyAsync(x => x.CallId == callId, cancel)) throw AlreadyOpen();
            throw;
        }
        return TypedResults.Accepted($"/api/scheduling/plans/{plan.Id}", new Response(plan.Id));
    }

    private static RuleViolation AlreadyOpen() => new("plan.already-open", "The call has a plan that is not yet published.");

    /// <summary>The new plan.</summary>
    public sealed record Response(Guid Id);
}
