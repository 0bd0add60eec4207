using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Knowing;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Calendars;

/// <summary>An instrument whose calendar somebody may change, with its site and the calendar that holds; and the one way in which another comes to
/// hold.</summary>
internal sealed record KeptInstrument(string Code, KnownSite Site, InstrumentCalendar? Kept)
{
    private const int MaxReason = 1000;
    private static readonly TimeSpan longest = TimeSpan.FromDays(4 * 366);

    /// <summary>Null where there is no such instrument.</summary>
    /// <exception cref="RuleViolation">The instrument is at a site that this person does not keep, or at none that is known.</exception>
    public static async Task<KeptInstrument?> LoadAsync(SchedulingDb db, string code, ClaimsPrincipal person, CancellationToken cancel)
    {
        var instrument = await db.Instruments.AsNoTracking().SingleOrDefaultAsync(x => x.Code == code, cancel);
        if (instrument is null) return null;
        if (!MayKeep(person, instrument.SiteCode))
            throw RuleViolation.Forbidden("calendar.other-site", "Only staff of the instrument's site keep its calendar.");
        var site = await db.Sites.AsNoTracking().SingleOrDefaultAsync(x => x.Code == instrument.SiteCode, cancel)
            ?? throw new RuleViolation("calendar.site-unknown", "The instrument's site, and with it its clock, is not known.");
        return new(code, site, await db.Calendars.SingleOrDefaultAsync(x => x.InstrumentCode == code, cancel));
    }

    /// <summary>Whether somebody keeps the calendars of a site.</summary>
    public static bool MayKeep(ClaimsPrincipal person, string? site) => person.Holds(Roles.UserOffice)
        || (site is not null && person.Holds(Roles.FacilityStaff, site));

    /// <summary>What is wrong with a reason.</summary>
    public static IReadOnlyList<Problem> CheckReason(string reason) =>
        string.IsNullOrWhiteSpace(reason) || reason.Length > MaxReason ? [new("reason", "calendar.reason", $"1 to {MaxReason} characters are needed.")] : [];

    /// <summary>The calendar that is meant.</summary>
    /// <exception cref="RuleViolation"><c>calendar.invalid</c> with all that makes no sense.</exception>
    public RunCalendar Understand(WrittenCalendar written, IReadOnlyList<Problem> others)
    {
        List<Problem> problems = [.. others, .. written.Check()];
        return problems.Count == 0 ? written.For(Site.TimeZone, Site.Country) : throw Invalid(problems);
    }

    /// <summary>What makes no sense in a calendar, and its shifts where nothing is wrong.</summary>
    public static (IReadOnlyList<Problem> Problems, IReadOnlyList<Shift> Shifts) Judge(RunCalendar calendar)
    {
        List<Problem> problems = [.. calendar.Validate().Select(error => new Problem("calendar", "calendar." + error.Code, error.Subject))];
        if (problems.Count > 0) return (problems, []);
        if (calendar.Extent() is var (from, to)
            && to - from > longest) return ([new("runPeriods", "calendar.too-long", $"A calendar spans at most {longest.TotalDays} days.")], []);
        var shifts = calendar.Shifts();
        if (shifts.Count > 0 && !shifts.Any(shift => shift.MayStart))
            return ([new("pattern", "calendar.no-user-starts", "With this calendar users can begin with no shift that is open.")], []);
        return shifts.Count == 0 ? ([new("runPeriods", "calendar.no-shifts", "With this calendar nobody gets a single shift.")], []) : ([], shifts);
    }

    /// <summary>What changes for users if the calendar comes to hold.</summary>
    /// <exception cref="RuleViolation"><c>calendar.invalid</c> with all that makes no sense.</exception>
    public (IReadOnlyList<Shift> Shifts, CalendarDiff Diff) Compare(RunCalendar calendar)
    {
        var (problems, shifts) = Judge(calendar);
        return problems.Count > 0 ? throw Invalid(problems) : (shifts, CalendarDiff.Between(Kept?.Calendar.Shifts() ?? [], shifts));
    }

    /// <summary>The calendar holds from now on, and all services are told; saves.</summary>
    /// <exception cref="RuleViolation"><c>calendar.invalid</c>; <c>stale-write</c> where somebody else was faster.</exception>
    public async Task<PublishCalendar.Response> PublishAsync(
        SchedulingDb db, RunCalendar calendar, int bridgeableHours, ClaimsPrincipal person, string reason, int? revertsTo, TimeProvider time,
            CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var (shifts, diff) = Compare(calendar);
        var hits = await diff.HitsAsync(db, Code, now, cancel);
        var calendars = Kept ?? new InstrumentCalendar { InstrumentCode = Code, Calendar = calendar };
        if (Kept is null) db.Add(calendars);
        calendars.Change(calendar, bridgeableHours, diff, person.Id, reason.Trim(), revertsTo, Guid.CreateVersion7(now), now);
        db.Publish(new RunCalendarPublished { InstrumentCode = Code, Revision = calendars.Revision, Shifts = shifts.Count, From = shifts[0].Start,
            To = shifts[^1].End }, time);
        await FirstOfTwo.SaveAsync(db, Kept is null, () => db.Calendars.AnyAsync(x => x.InstrumentCode == Code, cancel), cancel);
        var budget = calendar.BudgetBetween(shifts[0].Start, shifts[^1].End);
        return new(calendars.Revision, shifts.Count, shifts[0].Start, shifts[^1].End, budget.UserQuota, diff.Gained.Count, diff.Lost.Count, hits,
            calendars.Version);
    }

    private static RuleViolation Invalid(IReadOnlyList<Problem> problems) =>
        RuleViolation.Invalid("calendar.invalid", "The calendar makes no sense like this.", problems);
}
