using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>Staff of a site tell how it works in a normal year, and which instrument works otherwise; planners read it.</summary>
public static class TellOperatingPattern
{
    private const int MostChanges = 100, MaxHours = 14 * 24;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/sites/{site}/operating-pattern", (string site, SchedulingDb db, HttpResponse http, CancellationToken cancel) =>
            ReadAsync(site, "", db, http, cancel));
        group.MapPut("/sites/{site}/operating-pattern",
            (string site, Request request, SchedulingDb db, ClaimsPrincipal person, HttpRequest http, HttpResponse answer, TimeProvider time,
            CancellationToken cancel) =>
            Handle(site, "", request, db, person, http, answer, time, cancel));
        group.MapGet("/sites/{site}/instruments/{code}/operating-pattern", ReadAsync);
        group.MapPut("/sites/{site}/instruments/{code}/operating-pattern", Handle);
    }

    internal static async Task<Results<Ok<Response>,
        NotFound>> ReadAsync(string site, string code, SchedulingDb db, HttpResponse http, CancellationToken cancel)
    {
        var known = await db.Sites.AsNoTracking().SingleOrDefaultAsync(x => x.Code == site, cancel);
        if (known is null || (code.Length > 0 && !await db.Instruments.AnyAsync(x => x.Code == code && x.SiteCode == site, cancel)))
            return TypedResults.NotFound();
        var told = await db.OperatingPatterns.AsNoTracking().Include(x => x.History.OrderByDescending(change => change.Id).Take(MostChanges))
            .SingleOrDefaultAsync(x => x.SiteCode == site && x.InstrumentCode == code, cancel);
        if (told is not null) http.TellVersion(told.Version);
        return TypedResults.Ok(new Response(site, code.Length == 0 ? null : code, told is not null, await KeptPattern.ForAsync(db, code, known, cancel),
            [.. told?.History.OrderByDescending(change => change.Id).Select(change => new Change(change.At, change.By, change.Reason, change.Pattern)) ?? []]));
    }

    internal static async Task<Results<NoContent, NotFound>> Handle(
        string site, string code, Request request, SchedulingDb db, ClaimsPrincipal person, HttpRequest http, HttpResponse answer, TimeProvider time,
            CancellationToken cancel)
    {
        if (!await db.Sites.AnyAsync(x => x.Code == site, cancel)
            || (code.Length > 0 && !await db.Instruments.AnyAsync(x => x.Code == code && x.SiteCode == site, cancel))) return TypedResults.NotFound();
        if (!KeptInstrument.MayKeep(person, site)) throw RuleViolation.Forbidden("calendar.other-site", "Only staff of the site keep its calendars.");
        List<Problem> problems = [.. KeptInstrument.CheckReason(request.Reason),
            .. request.Pattern.Validate().Select(error => new Problem("pattern", "operating-pattern." + error.Code, error.Subject))];
        if (request.Pattern.BridgeableHours is < 0 or > MaxHours)
            problems.Add(new("pattern.bridgeableHours", "operating-pattern.bridgeable-hours", $"0 to {MaxHours} hours."));
        if (request.Pattern.EveryWeeks.Select(rule => rule.Note).Concat(request.Pattern.EveryYear.Select(rule => rule.Note))
            .Any(note => note?.Length > WrittenCalendar.MaxText))
            problems.Add(new("pattern", "operating-pattern.text-too-long", $"At most {WrittenCalendar.MaxText} characters."));
        if (problems.Count > 0) throw RuleViolation.Invalid("operating-pattern.invalid", "The operating pattern makes no sense like this.", problems);

        var now = time.GetUtcNow();
        var told = await db.OperatingPatterns.SingleOrDefaultAsync(x => x.SiteCode == site && x.InstrumentCode == code, cancel);
        http.RequireSeen(told?.Version);
        var isNew = told is null;
        if (told is null) db.Add(told = new KeptPattern { SiteCode = site, InstrumentCode = code, Pattern = request.Pattern });
        told.Change(request.Pattern, person.Id, request.Reason.Trim(), Guid.CreateVersion7(now), now);
        await FirstOfTwo.SaveAsync(db, isNew, () => db.OperatingPatterns.AnyAsync(x => x.SiteCode == site && x.InstrumentCode == code, cancel), cancel);
        answer.TellVersion(told.Version);
        return TypedResults.NoContent();
    }

    /// <summary>How it works.</summary>
    public sealed record Request
    {
        /// <summary>Why it is changed.</summary>
        public required string Reason { get; init; }

        /// <summary>The pattern.</summary>
        public required OperatingPattern Pattern { get; init; }
    }

    /// <summary>The pattern from which calendars are proposed; not told: the site's, or what is usual for a site of its kind.</summary>
    public sealed record Response(string SiteCode, string? InstrumentCode, bool Told, OperatingPattern Pattern, IReadOnlyList<Change> History);

    /// <summary>A pattern that was told, the latest first.</summary>
    public sealed record Change(DateTimeOffset At, Guid By, string Reason, OperatingPattern Pattern);
}
