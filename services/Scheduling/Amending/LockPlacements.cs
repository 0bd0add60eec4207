using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Amending;

/// <summary>Somebody who plans locks placements, which the planner then leaves where they are, or unlocks them.</summary>
public static class LockPlacements
{
    internal static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/plans/{id:guid}/locks", (Guid id, Request request, [AsParameters] Desk desk) => Handle(id, true, request, desk));
        group.MapPost("/plans/{id:guid}/unlocks", (Guid id, Request request, [AsParameters] Desk desk) => Handle(id, false, request, desk));
    }

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, bool locked, Request request, Desk desk)
    {
        var plan = await desk.Db.Plans.Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == id, desk.Cancel);
        if (plan is null) return TypedResults.NotFound();
        desk.RequireOwnCopy(plan);
        await desk.Http.Request.RequireLatestAsync(plan, desk.Db, desk.Cancel);
        ChangePlan.RequireReason(request.Reason);
        await RequireOwnAsync(desk, plan, request.Experiments);
        if (!plan.TakesRemarks) throw new RuleViolation("plan.not-changeable", $"A plan that is {plan.Status.Word()} cannot be changed by hand.");
        var now = desk.Time.GetUtcNow();
        foreach (var entry in plan.Entries.Where(entry => request.Experiments.Contains(entry.ExperimentId)))
            if (locked && !entry.IsPlaced) throw RuleViolation.Invalid("plan.change-invalid", "Only what has a place can be locked.", [new("experiments", "plan.not-placed", $"{entry.ExperimentId} has no place in the plan.")]);
            else entry.Lock = locked ? PlacementLock.Locked : PlacementLock.None;
        var version = plan.Record(locked ? PlanVersionKind.Lock : PlanVersionKind.Unlock, desk.Person.Id, request.Reason, now, changed: request.Experiments);
        desk.Db.Add(version);
        await desk.Db.SaveChangesAsync(desk.Cancel);
        desk.Http.Response.TellVersion(plan.Version);
        return TypedResults.Ok(new Response(version.Number));
    }

    /// <summary>Staff says what it wants of its own site only.</summary>
    internal static async Task RequireOwnAsync(Desk desk, CallPlan plan, IReadOnlyList<Guid> experiments)
    {
        var codes = plan.Entries.Where(entry => experiments.Contains(entry.ExperimentId)).Select(entry => entry.InstrumentCode).ToList();
        if (codes.Count < experiments.Count || experiments.Count == 0)
            throw RuleViolation.Invalid("plan.change-invalid", "The plan does not have all of these experiments.", [new("experiments", "plan.experiment-unknown", "Name experiments of the plan, each once.")]);
        if (plan.CopyOf is not null) return;
        var sites = await desk.Db.Instruments.Where(x => codes.Contains(x.Code)).Select(x => x.SiteCode ?? ChangePlan.NoSite).Distinct().ToListAsync(desk.Cancel);
        if (sites.Exists(site => !ChangePlan.MayDecide(desk.Person, site))) throw RuleViolation.Forbidden("plan.other-site", "Only its own staff and the user office decide for a site.");
    }

    /// <summary>Which placements, and why.</summary>
    public sealed record Request
    {
        /// <summary>The experiments.</summary>
        public required List<Guid> Experiments { get; init; }

        /// <summary>Why.</summary>
        public required string Reason { get; init; }
    }

    /// <summary>The version that says so.</summary>
    public sealed record Response(int Version);
}
