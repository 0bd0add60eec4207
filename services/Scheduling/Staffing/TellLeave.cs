using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Calendars;
using Tutti.Scheduling.Knowing;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Staffing;

/// <summary>Staff of a site tell when one of them is away, by hand or with a calendar file; staff, directors and the user office read it.</summary>
public static class TellLeave
{
    private const int MaxTimes = 500;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/sites/{site}/staff/{personId:guid}/leave", HandleRead);
        group.MapPut("/sites/{site}/staff/{personId:guid}/leave", Handle);
        group.MapPost("/sites/{site}/staff/{personId:guid}/leave/import", HandleImport).Accepts<Stream>(CalendarFile.MediaType);
    }

    internal static async Task<Results<Ok<Response>,
        NotFound>> HandleRead(string site, Guid personId, SchedulingDb db, ClaimsPrincipal person, HttpResponse answer, CancellationToken cancel)
    {
        if (await StaffOfSites.SiteForAsync(db, site, person, change: false, cancel) is not { } known) return TypedResults.NotFound();
        var leave = await db.StaffLeave.AsNoTracking().SingleOrDefaultAsync(x => x.SiteCode == site && x.PersonId == personId, cancel);
        if (leave is not null) answer.TellVersion(leave.Version);
        return TypedResults.Ok(new Response(personId, known.TimeZone, leave?.Times ?? [], []));
    }

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(
        string site, Guid personId, Request request, SchedulingDb db, ClaimsPrincipal person, HttpRequest http, HttpResponse answer, TimeProvider time,
            CancellationToken cancel)
    {
        if (await StaffOfSites.SiteForAsync(db, site, person, change: true, cancel) is not { } known) return TypedResults.NotFound();
        return TypedResults.Ok(new Response(personId, known.TimeZone,
            await KeepAsync(known, personId, request.Times, request.Reason, db, person, http, answer, time, cancel), []));
    }

    internal static async Task<Results<Ok<Response>, NotFound>> HandleImport(
        string site, Guid personId, SchedulingDb db, ClaimsPrincipal person, HttpRequest http, HttpResponse answer, TimeProvider time, CancellationToken cancel)
    {
        if (await StaffOfSites.SiteForAsync(db, site, person, change: true, cancel) is not { } known) return TypedResults.NotFound();
        var today = time.GetUtcNow().UtcDateTime.Date;
        var content = CalendarFileReader.Read(await CalendarFileReader.BodyAsync(http.Body, cancel), TimeZoneInfo.FindSystemTimeZoneById(known.TimeZone),
            new(today.AddYears(-1), today.AddYears(4)), outward: true);
        var before = await db.StaffLeave.AsNoTracking().SingleOrDefaultAsync(x => x.SiteCode == site && x.PersonId == personId, cancel);
        var stay = before?.Times.Where(leave => !(leave.Uid is { } uid && content.Uids.Contains(uid))).ToList() ?? [];
        IReadOnlyList<Leave> times = [.. stay
            .Concat(content.Entries.Select(entry => new Leave(entry.Time.From, entry.Time.To, entry.Uid))
            .Where(one => !stay.Exists(other => (other.From, other.To) == (one.From, one.To))))];
        return TypedResults.Ok(new Response(personId, known.TimeZone,
            await KeepAsync(known, personId, times, "Imported from a calendar file", db, person, http, answer, time, cancel), content.Skipped));
    }

    private static async Task<IReadOnlyList<Leave>> KeepAsync(
        KnownSite site, Guid personId, IReadOnlyList<Leave> times, string reason, SchedulingDb db, ClaimsPrincipal person, HttpRequest http,
            HttpResponse answer, TimeProvider time, CancellationToken cancel)
    {
        List<Problem> problems = [.. KeptInstrument.CheckReason(reason)];
        if (times.Count > MaxTimes) problems.Add(new("times", "leave.too-many", $"At most {MaxTimes}."));
        if (times.Any(leave => leave.From.Kind != DateTimeKind.Unspecified || leave.To.Kind != DateTimeKind.Unspecified))
            problems.Add(new("times", "leave.not-local", "Times are on the site's clock, without an offset."));
        if (times.Any(leave => leave.From >= leave.To || !RunCalendar.IsPlausible(leave.From) || !RunCalendar.IsPlausible(leave.To)))
            problems.Add(new("times", "leave.times", "Leave ends after it begins, between the years 2000 and 2200."));
        if (times.Any(leave => leave.Uid?.Length > WrittenCalendar.MaxText))
            problems.Add(new("times", "leave.uid", $"At most {WrittenCalendar.MaxText} characters."));
        if (problems.Count > 0) throw RuleViolation.Invalid("leave.invalid", "The leave makes no sense like this.", problems);
        var now = time.GetUtcNow();
        var leave = await db.StaffLeave.SingleOrDefaultAsync(x => x.SiteCode == site.Code && x.PersonId == personId, cancel);
        http.RequireSeen(leave?.Version);
        var isNew = leave is null;
        if (leave is null) db.Add(leave = new StaffLeave { SiteCode = site.Code, PersonId = personId });
        leave.Change(times, person.Id, reason.Trim(), Guid.CreateVersion7(now), now);
        await FirstOfTwo.SaveAsync(db, isNew, () => db.StaffLeave.AnyAsync(x => x.SiteCode == site.Code && x.PersonId == personId, cancel), cancel);
        answer.TellVersion(leave.Version);
        return leave.Times;
    }

    /// <summary>All leave of a person.</summary>
    public sealed record Request
    {
        /// <summary>Why it is changed; not why somebody is away.</summary>
        public required string Reason { get; init; }

        /// <summary>On the site's clock.</summary>
        public required IReadOnlyList<Leave> Times { get; init; }
    }

    /// <summary>The leave of a person, and what of a file was left out.</summary>
    public sealed record Response(Guid PersonId, string TimeZone, IReadOnlyList<Leave> Times, IReadOnlyList<SkippedEntry> Skipped);
}
