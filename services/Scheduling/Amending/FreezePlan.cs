using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Amending;

/// <summary>The user office freezes a plan up to a date: what begins earlier moves only by force, with a reason, and the planner places nothing there. Who froze it, and why, is kept as a version.</summary>
public static class FreezePlan
{
    internal static void Map(RouteGroupBuilder group) => group.MapPut("/plans/{id:guid}/freeze", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, Request request, [AsParameters] Desk desk)
    {
        var plan = await desk.Db.Plans.Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == id, desk.Cancel);
        if (plan is null) return TypedResults.NotFound();
        await desk.Http.Request.RequireLatestAsync(plan, desk.Db, desk.Cancel);
        if (!plan.TakesRemarks) throw new RuleViolation("plan.not-changeable", $"A plan that is {plan.Status.Word()} cannot be frozen.");
        ChangePlan.RequireReason(request.Reason);
        var concerned = plan.Freeze(request.Until);
        desk.Db.Add(plan.Record(PlanVersionKind.Freeze, desk.Person.Id, request.Reason, desk.Time.GetUtcNow(), changed: concerned));
        await desk.Db.SaveChangesAsync(desk.Cancel);
        desk.Http.Response.TellVersion(plan.Version);
        return TypedResults.NoContent();
    }

    /// <summary>The date.</summary>
    public sealed record Request
    {
        /// <summary>Until when; null: no longer.</summary>
        public required DateTimeOffset? Until { get; init; }

        /// <summary>Why.</summary>
        public required string Reason { get; init; }
    }
}
