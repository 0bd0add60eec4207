using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Allocating;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Amending;

/// <summary>
/// The user office lets the planner make another round, of all sites; of a copy, who made it does too. The planner keeps to locks, freeze and forbids, and leaves alone what was promised.
/// </summary>
public static class PlanAgain
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/plans/{id:guid}/rounds", Handle);

    internal static async Task<Results<Accepted, NotFound>> Handle(Guid id, Request request, [AsParameters] Desk desk)
    {
        var plan = await desk.Db.Plans.SingleOrDefaultAsync(x => x.Id == id, desk.Cancel);
        if (plan is null) return TypedResults.NotFound();
        desk.RequireOwnCopy(plan);
        await desk.Http.Request.RequireLatestAsync(plan, desk.Db, desk.Cancel);
        ChangePlan.RequireReason(request.Reason);
        request.Search?.RequireSense(desk.Person);
        if (plan.CopyOf is null && !desk.Person.Holds(Roles.UserOffice)) throw RuleViolation.Forbidden("plan.not-yours", "A plan spans all sites: the user office has it planned anew; try it in a copy.");
        var now = desk.Time.GetUtcNow();
        plan.SolveAgain(request.Search ?? plan.Search, desk.Person.Id, request.Reason, Guid.CreateVersion7(now), now);
        await desk.Db.SaveChangesAsync(desk.Cancel);
        return TypedResults.Accepted($"/api/scheduling/plans/{id}");
    }

    /// <summary>Why.</summary>
    public sealed record Request
    {
        /// <summary>Why.</summary>
        public required string Reason { get; init; }

        /// <summary>How to search; null: as before.</summary>
        public SearchSettings? Search { get; init; }
    }
}
