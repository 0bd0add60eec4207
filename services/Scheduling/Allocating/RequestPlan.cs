using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Amending;
using Tutti.Scheduling.Holding;
using Tutti.Scheduling.Offering;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Allocating;

/// <summary>
/// Somebody who plans asks for a plan of a call. In the place of one that has become stale the user office alone asks for another, based on its latest version and with a reason: what the sites
/// have done to it by hand is gone with it.
/// </summary>
public static class RequestPlan
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/calls/{callId:guid}/plans", Handle);

    internal static async Task<Results<Accepted<Response>, NotFound>> Handle(Guid callId, Request? request, [AsParameters] Desk desk)
    {
        var (db, person, time, cancel, now) = (desk.Db, desk.Person, desk.Time, desk.Cancel, desk.Time.GetUtcNow());
        request?.RequireSense(person);
        if (!await db.Proposals.AnyAsync(x => x.CallId == callId && x.Revision > 0, cancel)) return TypedResults.NotFound();
        if (!await db.Experiments.AnyAsync(x => x.CallId == callId && x.Status == ExperimentStatus.Granted, cancel))
            throw new RuleViolation("plan.nothing-to-plan", "Every granted experiment of the call has its shifts, or belongs to a published plan: ask for another round of that.");

        var plan = CallPlan.Request(Guid.CreateVersion7(now), callId, person.Id, now, request);
        var open = await db.OpenPlans.SingleOrDefaultAsync(x => x.CallId == callId, cancel);
        if (open is not null)
        {
            var present = await db.Plans.Include(x => x.Entries).SingleAsync(x => x.Id == open.PlanId, cancel);
            if (!await present.IsStaleAsync(db, cancel)) throw AlreadyOpen();
            if (!person.Holds(Roles.UserOffice)) throw RuleViolation.Forbidden("plan.not-yours", "A plan spans all sites: the user office has another made in its place.");
            await desk.Http.Request.RequireLatestAsync(present, db, cancel);
            ChangePlan.RequireReason(request?.Reason ?? "");
            WithdrawOffer.Tell(db, present, "Another plan is made.", time);
            present.Supersede(person.Id, request?.Reason ?? "", Guid.CreateVersion7(now), now);
            await HoldNeeds.ReleaseAllAsync(db, present, "The plan was given up.", time, cancel);
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

    /// <summary>How to search, and, in the place of another plan, why.</summary>
    public sealed record Request : SearchSettings
    {
        /// <summary>Why another plan is to be made; needed where there is one that has become stale.</summary>
        public string? Reason { get; init; }
    }

    /// <summary>The new plan.</summary>
    public sealed record Response(Guid Id);
}
