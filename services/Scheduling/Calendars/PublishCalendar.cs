using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Calendars;

/// <summary>Staff of a site fix when users can have beam at an instrument; shifts follow by the site's own clock.</summary>
public static class PublishCalendar
{
    private const int MaxReason = 1000, MaxPeriods = 500, MaxHours = 14 * 24;
    private static readonly TimeSpan longest = TimeSpan.FromDays(4 * 366);

    internal static void Map(RouteGroupBuilder group) => group.MapPut("/instruments/{code}/calendar", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(
        string code, Request request, SchedulingDb db, ClaimsPrincipal person, HttpRequest http, HttpResponse answer, TimeProvider time, CancellationToken cancel)
    {
        var instrument = await db.Instruments.SingleOrDefaultAsync(x => x.Code == code, cancel);
        if (instrument is null) return TypedResults.NotFound();
        if (!person.Holds(Roles.UserOffice) && (instrument.SiteCode is null || !person.Holds(Roles.FacilityStaff, instrument.SiteCode)))
            throw RuleViolation.Forbidden("calendar.other-site", "Only staff of the instrument's site keep its calendar.");
        var site = await db.Sites.SingleOrDefaultAsync(x => x.Code == instrument.SiteCode, cancel)
            ?? throw new RuleViolation("calendar.site-unknown", "The instrument's site, and with it its clock, is not known.");

        var problems = Check(request);
        if (problems.Count > 0) throw Invalid(problems);
        var calendar = request.For(site.TimeZone);
        problems.AddRange(calendar.Validate().Select(error => new Problem("calendar", "calendar." + error.Code, error.Subject)));
        if (problems.Count > 0) throw Invalid(problems);
        var (from, to) = Extent(calendar);
        if (to - from > longest) throw Invalid([new("runPeriods", "calendar.too-long", $"A calendar spans at most {longest.TotalDays} days.")]);
        var shifts = calendar.ShiftsBetween(from, to);
        if (shifts.Count == 0) throw Invalid([new("runPeriods", "calendar.no-shifts", "With this calendar nobody gets a single shift.")]);

        var now = time.GetUtcNow();
        var kept = await db.Calendars.SingleOrDefaultAsync(x => x.InstrumentCode == code, cancel);
        http.RequireVersion(kept?.Version ?? 0);
        if (kept is null) db.Add(kept = new InstrumentCalendar { InstrumentCode = code, Calendar = calendar });
        kept.Change(calendar, request.BridgeableHours, person.Id, request.Reason.Trim(), Guid.CreateVersion7(now), now);
        db.Publish(new RunCalendarPublished { InstrumentCode = code, Revision = kept.Revision, Shifts = shifts.Count, From = shifts[0].Start, To = shifts[^1].End }, time);
        await db.SaveChangesAsync(cancel);
        answer.TellVersion(kept.Version);
        return TypedResults.Ok(new Response(kept.Revision, shifts.Count, shifts[0].Start, shifts[^1].End));
    }

    private static RuleViolation Invalid(IReadOnlyList<Problem> problems) => RuleViolation.Invalid("calendar.invalid", "The calendar makes no sense like this.", problems);

    private static List<Problem> Check(Request request)
    {
        List<Problem> problems = [];
        if (string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > MaxReason) problems.Add(new("reason", "calendar.reason", $"1 to {MaxReason} characters are needed."));
        if (request.BridgeableHours is < 0 or > MaxHours) problems.Add(new("bridgeableHours", "calendar.bridgeable-hours", $"0 to {MaxHours} hours."));
        CheckPeriods(problems, request.RunPeriods, "runPeriods");
        CheckPeriods(problems, request.Closed, "closed");
        if (request.Reactor is { } reactor && reactor.FirstStart.Kind != DateTimeKind.Unspecified) problems.Add(new("reactor.firstStart", "calendar.not-local", "Times are on the site's clock, without an offset."));
        if (request.Pattern is { } pattern && (pattern.LengthMinutes % 15 != 0 || pattern.Starts.Any(start => start.Ticks % TimeSpan.FromMinutes(15).Ticks != 0)))
            problems.Add(new("pattern", "calendar.not-quarter-hours", "Shifts start and end on quarters of an hour."));
        return problems;
    }

    private static void CheckPeriods(List<Problem> problems, IReadOnlyList<Period> periods, string path)
    {
        if (periods.Count > MaxPeriods) problems.Add(new(path, "calendar.too-many-periods", $"At most {MaxPeriods}."));
        if (periods.Any(period => period.From.Kind != DateTimeKind.Unspecified || period.To.Kind != DateTimeKind.Unspecified))
            problems.Add(new(path, "calendar.not-local", "Times are on the site's clock, without an offset."));
    }

    /// <summary>A time around all that can have shifts; every part is plausible here.</summary>
    private static (DateTimeOffset From, DateTimeOffset To) Extent(RunCalendar calendar)
    {
        var periods = calendar.RunPeriods.ToList();
        if (calendar.Reactor is { } reactor)
            periods.Add(new(reactor.FirstStart, reactor.FirstStart.AddDays(((double)reactor.EveryDays * (reactor.Count - 1)) + (2 * reactor.EffectiveDays) + 4)));
        return (new DateTimeOffset(periods.Min(period => period.From).AddDays(-1), TimeSpan.Zero), new DateTimeOffset(periods.Max(period => period.To).AddDays(1), TimeSpan.Zero));
    }

    /// <summary>A run calendar; all times are on the site's wall clock.</summary>
    public sealed record Request
    {
        /// <summary>Why it is changed.</summary>
        public required string Reason { get; init; }

        /// <summary>How a day is cut into shifts; null: three of eight hours.</summary>
        public Pattern? Pattern { get; init; }

        /// <summary>Runs of the machine.</summary>
        public IReadOnlyList<Period> RunPeriods { get; init; } = [];

        /// <summary>Cycles of a reactor.</summary>
        public Cycles? Reactor { get; init; }

        /// <summary>When users are taken in a normal week; empty: the whole week.</summary>
        public IReadOnlyList<Window> Week { get; init; } = [];

        /// <summary>Maintenance, machine days, holidays.</summary>
        public IReadOnlyList<Period> Closed { get; init; } = [];

        /// <summary>The longest closed time, in hours, over which one experiment may go on: a night, a weekend.</summary>
        public int BridgeableHours { get; init; }

        internal RunCalendar For(string timeZone) => new()
        {
            TimeZone = timeZone,
            Pattern = Pattern is null ? ShiftPattern.ThreeOfEightHours : new ShiftPattern(Pattern.Starts, TimeSpan.FromMinutes(Pattern.LengthMinutes)),
            RunPeriods = [.. RunPeriods.Select(period => new LocalInterval(period.From, period.To))],
            Reactor = Reactor is null ? null : new ReactorCycles(Reactor.FirstStart, Reactor.EffectiveDays, Reactor.EveryDays, Reactor.Count, Reactor.WeekendStop),
            Week = [.. Week.Select(window => new WeeklyWindow(window.FromDay, window.From, window.ToDay, window.To))],
            Closed = [.. Closed.Select(period => new LocalInterval(period.From, period.To))],
        };
    }

    /// <summary>Wall-clock times at which shifts start, and how long they last.</summary>
    public sealed record Pattern
    {
        /// <summary>Ascending.</summary>
        public required IReadOnlyList<TimeOnly> Starts { get; init; }

        /// <summary>Length in minutes.</summary>
        public required int LengthMinutes { get; init; }
    }

    /// <summary>An interval of local dates or times; the end is not in it.</summary>
    public sealed record Period
    {
        /// <summary>From.</summary>
        public required DateTime From { get; init; }

        /// <summary>To.</summary>
        public required DateTime To { get; init; }
    }

    /// <summary>An interval of every week.</summary>
    public sealed record Window
    {
        /// <summary>Day on which it begins.</summary>
        public required DayOfWeek FromDay { get; init; }

        /// <summary>Time at which it begins.</summary>
        public required TimeOnly From { get; init; }

        /// <summary>Day on which it ends.</summary>
        public required DayOfWeek ToDay { get; init; }

        /// <summary>Time at which it ends.</summary>
        public required TimeOnly To { get; init; }
    }

    /// <summary>Cycles of a reactor, see <see cref="ReactorCycles"/>.</summary>
    public sealed record Cycles
    {
        /// <summary>When the first gives beam.</summary>
        public required DateTime FirstStart { get; init; }

        /// <summary>Days of beam in a cycle.</summary>
        public required int EffectiveDays { get; init; }

        /// <summary>Days from one start to the next.</summary>
        public required int EveryDays { get; init; }

        /// <summary>Number of cycles.</summary>
        public required int Count { get; init; }

        /// <summary>Whether the reactor stands still at the weekend.</summary>
        public bool WeekendStop { get; init; } = true;
    }

    /// <summary>What the calendar offers.</summary>
    public sealed record Response(int Revision, int Shifts, DateTimeOffset From, DateTimeOffset To);
}
