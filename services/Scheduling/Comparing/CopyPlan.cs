using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Amending;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Comparing;

/// <summary>Somebody who plans makes a copy of a plan to try something with, under a name; it is changed like a plan, by who made it and by the user office, and asks nothing of sites, pool or teams.</summary>
public static class CopyPlan
{
    private const int MostCopies = 50, MostName = 100;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/plans/{id:guid}/copies", Handle);
        group.MapGet("/plans/{id:guid}/copies", ListAsync);
        group.MapDelete("/plans/{id:guid}/copies/{copyId:guid}", DropAsync);
    }

    internal static async Task<Results<Created<Response>, NotFound>> Handle(Guid id, Request request, [AsParameters] Desk desk)
    {
        var plan = await desk.Db.Plans.AsNoTracking().Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == id, desk.Cancel);
        if (plan is null) return TypedResults.NotFound();
        var name = request.Name.Trim();
        if (name.Length is 0 or > MostName) throw RuleViolation.Invalid("copy.invalid", "A copy needs a name.", [new("name", "copy.name", $"1 to {MostName} characters are needed.")]);
        if (!plan.TakesRemarks || plan.CopyOf is not null) throw new RuleViolation("plan.not-copyable", "Only a plan with placements, and no copy, can be copied.");
        var open = await desk.Db.Plans.Where(x => x.CopyOf == id && x.DisturbanceId == null && x.Status != CallPlanStatus.Superseded).Select(x => x.CopyName).ToListAsync(desk.Cancel);
        if (open.Contains(name)) throw new RuleViolation("copy.name-taken", "The plan has a copy of this name.");
        if (open.Count >= MostCopies) throw new RuleViolation("copy.too-many", $"A plan has at most {MostCopies} copies.");
        var now = desk.Time.GetUtcNow();
        var copy = plan.Copy(Guid.CreateVersion7(now), name, desk.Person.Id, now);
        desk.Db.Add(copy);
        desk.Db.Add(copy.Record(PlanVersionKind.Copy, desk.Person.Id, name, now, plan.Head));
        foreach (var forbid in await desk.Db.Standing(id).AsNoTracking().ToListAsync(desk.Cancel))
            desk.Db.Add(forbid.CopyTo(copy.Id, Guid.CreateVersion7(now)));
        await desk.Db.SaveChangesAsync(desk.Cancel);
        return TypedResults.Created($"/api/scheduling/plans/{copy.Id}", new Response(copy.Id));
    }

    private static async Task<Results<Ok<List<Line>>, NotFound>> ListAsync(Guid id, SchedulingDb db, CancellationToken cancel) =>
        await db.Plans.AnyAsync(x => x.Id == id, cancel)
            ? TypedResults.Ok(await db.Plans.Where(x => x.CopyOf == id && x.Status != CallPlanStatus.Superseded).OrderBy(x => x.CopyName)
                .Select(x => new Line(x.Id, x.CopyName ?? "", x.Status, x.CopiedVersion, x.Head, x.RequestedBy, x.Objective)).ToListAsync(cancel))
            : TypedResults.NotFound();

    private static async Task<Results<NoContent, NotFound>> DropAsync(Guid id, Guid copyId, [AsParameters] Desk desk)
    {
        var now = desk.Time.GetUtcNow();
        var copy = await desk.Db.Plans.SingleOrDefaultAsync(x => x.Id == copyId && x.CopyOf == id, desk.Cancel);
        if (copy is null) return TypedResults.NotFound();
        if (copy.RequestedBy != desk.Person.Id && !desk.Person.Holds(Roles.UserOffice)) throw RuleViolation.Forbidden("copy.not-yours", "A copy is dropped by who made it, or by the user office.");
        copy.Supersede(desk.Person.Id, "Dropped.", Guid.CreateVersion7(now), now);
        await desk.Db.SaveChangesAsync(desk.Cancel);
        return TypedResults.NoContent();
    }

    /// <summary>What it is to be called.</summary>
    public sealed record Request
    {
        /// <summary>Name, one of its kind among the copies of the plan.</summary>
        public required string Name { get; init; }
    }

    /// <summary>The copy: a plan like others.</summary>
    public sealed record Response(Guid Id);

    /// <summary>A copy that is still open.</summary>
    public sealed record Line(Guid Id, string Name, CallPlanStatus Status, int? CopiedVersion, int Versions, Guid By, long? Objective);
}
