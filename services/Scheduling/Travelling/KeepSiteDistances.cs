using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Calendars;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Travelling;

/// <summary>The user office tells how long people and samples are on their way from site to site; planners read it.</summary>
public static class KeepSiteDistances
{
    private const int MostChanges = 100, MostHours = 24 * 30;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/site-distances", ReadAsync);
        group.MapGroup("").RequireAuthorization(Roles.UserOffice).MapPut("/site-distances", Handle);
    }

    internal static async Task<Ok<Response>> ReadAsync(SchedulingDb db, PlanWorkerOptions options, HttpResponse http, CancellationToken cancel)
    {
        var told = await db.SiteDistances.AsNoTracking().Include(x => x.History.OrderByDescending(change => change.Id).Take(MostChanges)).SingleOrDefaultAsync(cancel);
        if (told is not null) http.TellVersion(told.Version);
        return TypedResults.Ok(new Response(told is not null, told?.Ways ?? [], options.Travel.TotalHours,
            [.. told?.History.OrderByDescending(change => change.Id).Select(change => new Change(change.At, change.By, change.Reason, change.Before)) ?? []]));
    }

    internal static async Task<NoContent> Handle(Request request, SchedulingDb db, ClaimsPrincipal person, HttpRequest http, HttpResponse answer, TimeProvider time, CancellationToken cancel)
    {
        var sites = await db.Sites.Select(x => x.Code).ToHashSetAsync(cancel);
        List<Problem> problems = [.. KeptInstrument.CheckReason(request.Reason), .. Check(request.Ways, sites)];
        if (problems.Count > 0) throw RuleViolation.Invalid("site-distances.invalid", "The distances make no sense like this.", problems);
        var now = time.GetUtcNow();
        var told = await db.SiteDistances.SingleOrDefaultAsync(cancel);
        http.RequireSeen(told?.Version);
        var isNew = told is null;
        if (told is null) db.Add(told = new SiteDistances());
        told.Change(request.Ways, person.Id, request.Reason.Trim(), Guid.CreateVersion7(now), now);
        await FirstOfTwo.SaveAsync(db, isNew, () => db.SiteDistances.AnyAsync(cancel), cancel);
        answer.TellVersion(told.Version);
        return TypedResults.NoContent();
    }

    private static IEnumerable<Problem> Check(IReadOnlyList<SiteWay> ways, HashSet<string> sites)
    {
        foreach (var unknown in ways.SelectMany(way => new[] { way.From, way.To }).Where(code => !sites.Contains(code)).Distinct())
            yield return new("ways", "site-distances.site-unknown", $"There is no site {unknown}.");
        foreach (var way in ways)
        {
            if (way.From == way.To) yield return new("ways", "site-distances.within-a-site", $"{way.From}: within a site nobody travels.");
            if (way.TravelHours is < 0 or > MostHours || way.ShippingHours is < 0 or > MostHours) yield return new("ways", "site-distances.hours", $"{way.From} to {way.To}: 0 to {MostHours} hours.");
        }
        foreach (var twice in ways.Where(way => way.From != way.To).SelectMany(way => way.Directions()).GroupBy(way => (way.From, way.To)).Where(same => same.Count() > 1))
            yield return new("ways", "site-distances.twice", $"{twice.Key.From} to {twice.Key.To}: told more than once; what is not one way only tells the way back too.");
    }

    /// <summary>The whole list, in place of the one before.</summary>
    public sealed record Request
    {
        /// <summary>Why it is changed.</summary>
        public required string Reason { get; init; }

        /// <summary>Ways between two sites; those that are not listed take what the service is set to.</summary>
        public required IReadOnlyList<SiteWay> Ways { get; init; }
    }

    /// <summary>The list; not told: every way takes the default, in hours, for people and samples alike.</summary>
    public sealed record Response(bool Told, IReadOnlyList<SiteWay> Ways, double DefaultHours, IReadOnlyList<Change> History);

    /// <summary>A change of the list, the latest first, with what was listed before.</summary>
    public sealed record Change(DateTimeOffset At, Guid By, string Reason, IReadOnlyList<SiteWay> Before);
}
