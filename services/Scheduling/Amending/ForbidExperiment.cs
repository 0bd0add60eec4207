using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Amending;

/// <summary>Somebody who plans does not want an experiment at a time, at an instrument, or at all; the planner keeps to it from its next round on.</summary>
public static class ForbidExperiment
{
    private const int Most = 5000;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/plans/{id:guid}/forbids", Handle);
        group.MapGet("/plans/{id:guid}/forbids", ListAsync);
        group.MapDelete("/plans/{id:guid}/forbids/{forbidId:guid}", LiftAsync);
    }

    internal static async Task<Results<Created<Response>, NotFound>> Handle(Guid id, Request request, [AsParameters] Desk desk)
    {
        var plan = await desk.Db.Plans.Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == id, desk.Cancel);
        if (plan is null) return TypedResults.NotFound();
        desk.RequireOwnCopy(plan);
        await desk.Http.Request.RequireLatestAsync(plan, desk.Db, desk.Cancel);
        ChangePlan.RequireReason(request.Reason);
        RequireRemarks(plan);
        if (request.InstrumentCode is { } code && !await desk.Db.Instruments.AnyAsync(x => x.Code == code, desk.Cancel))
            throw RuleViolation.Invalid("plan.change-invalid", "There is no such instrument.", [new("instrumentCode", "plan.instrument-unknown", "Name an instrument of the catalogue.")]);
        if (request.From >= request.To) throw RuleViolation.Invalid("plan.change-invalid", "The time ends before it begins.", [new("to", "plan.interval", "The end lies after the start.")]);
        await LockPlacements.RequireOwnAsync(desk, plan, [request.ExperimentId]);
        if (await desk.Db.Standing(id).CountAsync(desk.Cancel) >= Most) throw new RuleViolation("plan.too-many-forbids", $"At most {Most}.");
        var now = desk.Time.GetUtcNow();
        var forbid = new PlanForbid
        {
            Id = Guid.CreateVersion7(now), PlanId = id, ExperimentId = request.ExperimentId, InstrumentCode = request.InstrumentCode, From = request.From, To = request.To, Reason = request.Reason, By = desk.Person.Id, At = now,
        };
        desk.Db.Add(forbid);
        // A round that is asked for at the same moment would not know of it.
        desk.Db.Touch(plan);
        await desk.Db.SaveChangesAsync(desk.Cancel);
        desk.Http.Response.TellVersion(plan.Version);
        var stands = plan.Entries.Exists(entry => entry.IsPlaced && forbid.Concerns(entry.ExperimentId, entry.InstrumentCode, entry.From ?? default, entry.To ?? default));
        return TypedResults.Created($"/api/scheduling/plans/{id}/forbids/{forbid.Id}", new Response(forbid.Id, stands));
    }

    private static async Task<Results<Ok<List<Line>>, NotFound>> ListAsync(Guid id, [AsParameters] Desk desk)
    {
        if (!await desk.Db.Plans.AnyAsync(x => x.Id == id, desk.Cancel)) return TypedResults.NotFound();
        var (db, person) = (desk.Db, desk.Person);
        return TypedResults.Ok(await db.Standing(id).Where(x => db.Set<PlanEntry>().SeenBy(person, db).Any(entry => entry.PlanId == id && entry.ExperimentId == x.ExperimentId)).OrderBy(x => x.At).ThenBy(x => x.Id).Take(Most)
            .Select(x => new Line(x.Id, x.ExperimentId, x.InstrumentCode, x.From, x.To, x.Reason, x.By, x.At)).ToListAsync(desk.Cancel));
    }

    private static async Task<Results<NoContent, NotFound>> LiftAsync(Guid id, Guid forbidId, [AsParameters] Desk desk)
    {
        var plan = await desk.Db.Plans.Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == id, desk.Cancel);
        var forbid = await desk.Db.Standing(id).SingleOrDefaultAsync(x => x.Id == forbidId, desk.Cancel);
        if (plan is null || forbid is null) return TypedResults.NotFound();
        desk.RequireOwnCopy(plan);
        await desk.Http.Request.RequireLatestAsync(plan, desk.Db, desk.Cancel);
        RequireRemarks(plan);
        await LockPlacements.RequireOwnAsync(desk, plan, [forbid.ExperimentId]);
        forbid.Lift(desk.Person.Id, desk.Time.GetUtcNow());
        desk.Db.Touch(plan);
        await desk.Db.SaveChangesAsync(desk.Cancel);
        desk.Http.Response.TellVersion(plan.Version);
        return TypedResults.NoContent();
    }

    private static void RequireRemarks(CallPlan plan)
    {
        if (!plan.TakesRemarks) throw new RuleViolation("plan.not-changeable", $"Of a plan that is {plan.Status.Word()} nobody can say what is not wanted.");
    }

    /// <summary>What is not wanted; without instrument and times: not at all.</summary>
    public sealed record Request
    {
        /// <summary>The experiment.</summary>
        public required Guid ExperimentId { get; init; }

        /// <summary>The instrument; null: any.</summary>
        public string? InstrumentCode { get; init; }

        /// <summary>From when; null: from the beginning.</summary>
        public DateTimeOffset? From { get; init; }

        /// <summary>Until when; null: to the end.</summary>
        public DateTimeOffset? To { get; init; }

        /// <summary>Why.</summary>
        public required string Reason { get; init; }
    }

    /// <summary>Its id, and whether the present plan has the experiment just there: it is to be moved or planned anew.</summary>
    public sealed record Response(Guid Id, bool PlacedThere);

    /// <summary>One line of the list.</summary>
    public sealed record Line(Guid Id, Guid ExperimentId, string? InstrumentCode, DateTimeOffset? From, DateTimeOffset? To, string Reason, Guid By, DateTimeOffset At);
}
