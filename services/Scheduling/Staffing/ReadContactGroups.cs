using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Staffing;

/// <summary>Staff and directors of a site, and the user office, read who looks after which instruments and how many experiments they can serve when.</summary>
public static class ReadContactGroups
{
    private const int MostDays = 731, MostChanges = 100;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/sites/{site}/contact-groups", Handle);
        group.MapGet("/sites/{site}/contact-groups/{code}", HandleOne);
    }

    internal static async Task<Results<Ok<List<Response>>, NotFound>> Handle(string site, SchedulingDb db, ClaimsPrincipal person, CancellationToken cancel)
    {
        if (await StaffOfSites.SiteForAsync(db, site, person, change: false, cancel) is null) return TypedResults.NotFound();
        var groups = await db.ContactGroups.AsNoTracking().Where(x => x.SiteCode == site).OrderBy(x => x.Code).ToListAsync(cancel);
        return TypedResults.Ok(groups.ConvertAll(one => new Response(one.Code, one.Name, one.Instruments, one.Contacts, one.WeeklyShifts, one.WeeklyStarts)));
    }

    internal static async Task<Results<Ok<OneResponse>, NotFound>> HandleOne(
        string site, string code, SchedulingDb db, ClaimsPrincipal person, HttpResponse answer, TimeProvider time, CancellationToken cancel,
            DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        if (await StaffOfSites.SiteForAsync(db, site, person, change: false, cancel) is not { } known) return TypedResults.NotFound();
        var start = from ?? time.GetUtcNow();
        var end = to ?? start.AddDays(183);
        if (start.Year is < 2000 or >= 2200 || end.Year is < 2000 or >= 2200 || end <= start || (end - start).TotalDays > MostDays)
            throw RuleViolation.Invalid("shifts.invalid", "There is no such time.",
                [new("to", "shifts.range", $"The end lies after the start, by at most {MostDays} days.")]);
        var group = await db.ContactGroups.AsNoTracking().Include(x => x.History.OrderByDescending(change => change.Id).Take(MostChanges))
            .SingleOrDefaultAsync(x => x.SiteCode == site && x.Code == code, cancel);
        if (group is null) return TypedResults.NotFound();
        var zone = TimeZoneInfo.FindSystemTimeZoneById(known.TimeZone);
        var leave = (await db.StaffLeave.AsNoTracking().Where(x => x.SiteCode == site).ToListAsync(cancel))
            .ToDictionary(one => one.PersonId, one => one.Absences(zone));
        answer.TellVersion(group.Version);
        return TypedResults.Ok(new OneResponse(code, group.Name, group.Instruments, group.Contacts, group.CapacityBetween(start, end, leave),
            [.. group.History.OrderByDescending(change => change.Id)
                .Select(change => new Change(change.At, change.By, change.Reason, change.Name, change.Instruments, change.Contacts, change.WeeklyShifts,
                    change.WeeklyStarts))], group.WeeklyShifts, group.WeeklyStarts));
    }

    /// <summary>A group; weeks begin on Monday at 00:00 UTC, and without a number there is no limit in them.</summary>
    public sealed record Response(
        string Code, string Name, IReadOnlyList<string> Instruments, IReadOnlyList<Contact> Contacts, int? WeeklyShifts = null, int? WeeklyStarts = null);

    /// <summary>A group with what it can serve, and its history, the latest first.</summary>
    public sealed record OneResponse(
        string Code, string Name, IReadOnlyList<string> Instruments, IReadOnlyList<Contact> Contacts, IReadOnlyList<ContactCapacity> Capacity,
            IReadOnlyList<Change> History, int? WeeklyShifts = null, int? WeeklyStarts = null);

    /// <summary>A form that the group had.</summary>
    public sealed record Change(
        DateTimeOffset At, Guid By, string Reason, string Name, IReadOnlyList<string> Instruments, IReadOnlyList<Contact> Contacts, int? WeeklyShifts = null,
            int? WeeklyStarts = null);
}
