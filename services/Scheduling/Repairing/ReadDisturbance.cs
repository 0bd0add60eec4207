using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Amending;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Repairing;

/// <summary>Planners see the options for a disturbance side by side: what each moves, takes out and brings in, whom it affects, and what it is worth. Asked anew, the planner makes them from the plan as it is now.</summary>
public static class ReadDisturbance
{
    private const int PageSize = 50;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/disturbances", ListAsync);
        group.MapGet("/disturbances/{disturbanceId:guid}", Handle);
        group.MapPost("/disturbances/{disturbanceId:guid}/options", AgainAsync);
    }

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid disturbanceId, [AsParameters] Desk desk)
    {
        var (db, person) = (desk.Db, desk.Person);
        var disturbance = await db.Disturbances.AsNoTracking().SingleOrDefaultAsync(x => x.Id == disturbanceId, desk.Cancel);
        if (disturbance is null) return TypedResults.NotFound();
        var copies = await db.Plans.AsNoTracking().Include(x => x.Entries).Where(x => x.DisturbanceId == disturbanceId && x.Status != CallPlanStatus.Superseded).OrderBy(x => x.CopyOf).ThenBy(x => x.Id).ToListAsync(desk.Cancel);
        var concerned = copies.SelectMany(copy => copy.Entries).Select(entry => entry.ExperimentId).Concat(disturbance.Hit).Distinct().ToList();
        var seen = await db.Experiments.Where(x => concerned.Contains(x.Id)).SeenBy(person, db).Select(x => new { x.Id, x.Title }).ToDictionaryAsync(x => x.Id, x => x.Title, desk.Cancel);
        List<Option> options = [];
        foreach (var copy in copies)
        {
            var origin = await db.Versions.AsNoTracking().SingleAsync(x => x.PlanId == copy.CopyOf && x.Number == copy.CopiedVersion, desk.Cancel);
            var before = origin.Lines.ToDictionary(line => line.ExperimentId);
            var changed = copy.Entries.Where(entry => before.TryGetValue(entry.ExperimentId, out var line) && !entry.IsAt(line.InstrumentCode, line.Shifts)).OrderBy(entry => entry.ExperimentId).ToList();
            var touched = changed.Where(entry => before[entry.ExperimentId].Shifts.Count > 0).Select(entry => entry.ProposalId).ToList();
            var people = await db.Set<Knowing.Member>().Where(member => touched.Contains(member.ProposalId)).Select(member => member.PersonId).Distinct().CountAsync(desk.Cancel);
            var affected = changed.Where(entry => seen.ContainsKey(entry.ExperimentId)).Select(entry => new Affected(entry.ExperimentId, entry.ProposalId, seen[entry.ExperimentId], entry.InstrumentCode,
                before[entry.ExperimentId].Shifts, entry.Shifts, entry.Reasons)).ToList();
            options.Add(new Option(copy.Id, copy.Lineage, copy.Repair?.Mode ?? RepairMode.LeastMoved, copy.Status, copy.Version, changed.Count(entry => entry.IsPlaced && before[entry.ExperimentId].Shifts.Count > 0),
                changed.Count(entry => !entry.IsPlaced), changed.Count(entry => entry.IsPlaced && before[entry.ExperimentId].Shifts.Count == 0), people, origin.Objective, copy.Objective ?? 0, affected, copy.FailureCode));
        }
        var told = disturbance.Hit.Any(seen.ContainsKey) || (disturbance.SiteCode is { } site && ChangePlan.MayDecide(person, site)) || person.Holds(Roles.UserOffice);
        return TypedResults.Ok(new Response(disturbance.Id, disturbance.Kind, disturbance.InstrumentCode, disturbance.From, disturbance.To, told ? disturbance.Reason : null, disturbance.At, [.. disturbance.Hit.Where(seen.ContainsKey).Order()], disturbance.Hit.Count, options));
    }

    private static async Task<Ok<List<Line>>> ListAsync([AsParameters] Desk desk, int page = 1)
    {
        if (page is < 1 or > 10_000) throw RuleViolation.Invalid("request.page", "Pages count from 1 to 10000.", [new("page", "request.page", "Pages count from 1 to 10000.")]);
        var lines = await desk.Db.Disturbances.AsNoTracking().OrderByDescending(x => x.At).ThenBy(x => x.Id).Skip((page - 1) * PageSize).Take(PageSize).ToListAsync(desk.Cancel);
        return TypedResults.Ok(lines.ConvertAll(one => new Line(one.Id, one.Kind, one.InstrumentCode, one.From, one.To, one.Hit.Count, one.At)));
    }

    private static async Task<Results<Accepted, NotFound>> AgainAsync(Guid disturbanceId, [AsParameters] Desk desk)
    {
        var now = desk.Time.GetUtcNow();
        var disturbance = await desk.Db.Disturbances.SingleOrDefaultAsync(x => x.Id == disturbanceId, desk.Cancel);
        if (disturbance is null) return TypedResults.NotFound();
        var hit = disturbance.Hit.ToList();
        await ReportDisturbance.RequireSiteAsync(desk, disturbance.SiteCode, await desk.Db.Experiments.AsNoTracking().Where(x => hit.Contains(x.Id)).ToListAsync(desk.Cancel));
        var old = await desk.Db.Plans.Where(x => x.DisturbanceId == disturbanceId && x.Status != CallPlanStatus.Superseded && x.Status != CallPlanStatus.Failed).ToListAsync(desk.Cancel);
        var plans = await desk.Db.Experiments.Where(x => hit.Contains(x.Id) && x.PlanId != null && x.Status == ExperimentStatus.Scheduled).Select(x => x.PlanId ?? Guid.Empty).Distinct().OrderBy(id => id).ToListAsync(desk.Cancel);
        if (await desk.Db.Plans.Where(x => plans.Contains(x.Id)).FirstOrDefaultAsync(x => x.Status == CallPlanStatus.Requested || x.Status == CallPlanStatus.Solving, desk.Cancel) is { } busy)
            throw new RuleViolation("disturbance.plan-busy", $"The plan {busy.Id} is with the planner: ask again when it is done.");
        foreach (var copy in old) copy.Supersede(desk.Person.Id, "Options were asked for anew.", Guid.CreateVersion7(now), now);
        foreach (var plan in plans) await ReportDisturbance.AddOptionsAsync(desk, disturbance, plan);
        await desk.Db.SaveChangesAsync(desk.Cancel);
        return TypedResults.Accepted($"/api/scheduling/disturbances/{disturbanceId}");
    }

    /// <summary>A disturbance with its options.</summary>
    public sealed record Response(Guid Id, DisturbanceKind Kind, string? InstrumentCode, DateTimeOffset From, DateTimeOffset To, string? Reason, DateTimeOffset At, IReadOnlyList<Guid> Hit, int HitCount, IReadOnlyList<Option> Options);

    /// <summary>An option: a copy of the plan; still solving while its status says so. Chosen by promoting the copy. Counts are of all sites, the list of those affected is of what the reader may see.</summary>
    public sealed record Option(
        Guid CopyId, Guid PlanId, RepairMode Mode, CallPlanStatus Status, int Version, int Moved, int Dropped, int Added, int PeopleAffected, long ObjectiveBefore, long ObjectiveAfter, IReadOnlyList<Affected> Affected, string? FailureCode);

    /// <summary>An experiment that an option moves, takes out or brings in.</summary>
    public sealed record Affected(
        Guid ExperimentId, Guid ProposalId, string Title, string InstrumentCode, IReadOnlyList<PlacedShift> Before, IReadOnlyList<PlacedShift> After, IReadOnlyList<PlanRefusal> Reasons);

    /// <summary>One line of the list.</summary>
    public sealed record Line(Guid Id, DisturbanceKind Kind, string? InstrumentCode, DateTimeOffset From, DateTimeOffset To, int Hit, DateTimeOffset At);
}
