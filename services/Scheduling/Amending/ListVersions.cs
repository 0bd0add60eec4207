using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Amending;

/// <summary>Planners see what a plan looked like at every moment: who made it so, when and why.</summary>
public static class ListVersions
{
    private const int PageSize = 100;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/plans/{id:guid}/versions", Handle);
        group.MapGet("/plans/{id:guid}/versions/{number:int}", ReadAsync);
    }

    internal static async Task<Results<Ok<List<Response>>, NotFound>> Handle(Guid id, SchedulingDb db, ClaimsPrincipal person, CancellationToken cancel, int page = 1)
    {
        if (page is < 1 or > 10_000) throw RuleViolation.Invalid("request.page", "Pages count from 1 to 10000.", [new("page", "request.page", "Pages count from 1 to 10000.")]);
        if (!await db.Plans.AnyAsync(x => x.Id == id, cancel)) return TypedResults.NotFound();
        var rows = await db.Versions.Where(x => x.PlanId == id).OrderByDescending(x => x.Number).Skip((page - 1) * PageSize).Take(PageSize)
            .Select(x => new { x.Number, x.Kind, x.At, x.By, x.Reason, x.Of, x.Objective, x.Placed, x.Unplaced, x.Forced, x.Changed }).ToListAsync(cancel);
        var told = await Author.ForAsync(db, id, person, cancel);
        return TypedResults.Ok(rows.ConvertAll(x => told.To(x.By, x.Changed) ? new Response(x.Number, x.Kind, x.At, x.By, x.Reason, x.Of, x.Objective, x.Placed, x.Unplaced, x.Forced)
            : new Response(x.Number, x.Kind, x.At, null, null, x.Of, x.Objective, x.Placed, x.Unplaced, x.Forced)));
    }

    internal static async Task<Results<Ok<Version>, NotFound>> ReadAsync(Guid id, int number, SchedulingDb db, ClaimsPrincipal person, CancellationToken cancel)
    {
        var version = await db.Versions.AsNoTracking().SingleOrDefaultAsync(x => x.PlanId == id && x.Number == number, cancel);
        if (version is null) return TypedResults.NotFound();
        var sites = person.ScopesOf(Roles.FacilityStaff);
        var own = person.Holds(Roles.UserOffice) ? null : await db.Instruments.Where(x => x.SiteCode != null && sites.Contains(x.SiteCode)).Select(x => x.Code).ToHashSetAsync(cancel);
        var told = (await Author.ForAsync(db, id, person, cancel)).To(version.By, version.Changed);
        return TypedResults.Ok(new Version(version.Number, version.Kind, version.At, told ? version.By : null, told ? version.Reason : null, version.Of, version.Objective, version.Forced, [.. version.Lines
            .Where(line => own is null || own.Contains(line.InstrumentCode)).Select(line => new Line(line.ExperimentId, line.ProposalId, line.InstrumentCode, line.Shifts, line.Lock, line.Forced, line.Reasons))]));
    }

    /// <summary>One line of the list.</summary>
    public sealed record Response(int Number, PlanVersionKind Kind, DateTimeOffset At, Guid? By, string? Reason, int? Of, long Objective, int Placed, int Unplaced, IReadOnlyList<string> Forced);

    /// <summary>A version with the lines that the reader may see.</summary>
    public sealed record Version(int Number, PlanVersionKind Kind, DateTimeOffset At, Guid? By, string? Reason, int? Of, long Objective, IReadOnlyList<string> Forced, IReadOnlyList<Line> Lines);

    /// <summary>An experiment in it; without shifts it had no place.</summary>
    public sealed record Line(Guid ExperimentId, Guid ProposalId, string InstrumentCode, IReadOnlyList<PlacedShift> Shifts, PlacementLock Lock, string? Forced, IReadOnlyList<PlanRefusal> Reasons);
}
