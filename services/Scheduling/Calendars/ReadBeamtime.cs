using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Knowing;
using Tutti.Scheduling.Repairing;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>Everybody with an account sees when an instrument, or a whole site, is open to users, and why not at other times.</summary>
public static class ReadBeamtime
{
    private const int MostInstruments = 200, MostDays = 366;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/instruments/{code}/beamtime", Handle);
        group.MapGet("/sites/{site}/beamtime", HandleSite);
    }

    internal static async Task<Results<Ok<Response>,
        NotFound>> Handle(string code, SchedulingDb db, TimeProvider time, CancellationToken cancel, DateOnly? from = null, DateOnly? to = null)
    {
        var days = Understand(from, to, time);
        var all = await db.Instruments.AsNoTracking().ToListAsync(cancel);
        if (all.Find(one => one.Code == code) is not { } instrument) return TypedResults.NotFound();
        var site = await db.Sites.AsNoTracking().SingleOrDefaultAsync(x => x.Code == instrument.SiteCode, cancel);
        return TypedResults.Ok(Of(instrument, site, await db.Calendars.AsNoTracking().SingleOrDefaultAsync(x => x.InstrumentCode == code, cancel), all, days,
            await LostAsync(db, [code], days, cancel)));
    }

    internal static async Task<Results<Ok<SiteResponse>,
        NotFound>> HandleSite(string site, SchedulingDb db, TimeProvider time, CancellationToken cancel, DateOnly? from = null, DateOnly? to = null)
    {
        var days = Understand(from, to, time);
        var known = await db.Sites.AsNoTracking().SingleOrDefaultAsync(x => x.Code == site, cancel);
        if (known is null) return TypedResults.NotFound();
        var all = await db.Instruments.AsNoTracking().ToListAsync(cancel);
        var here = all.Where(one => one.SiteCode == site && !one.IsRetired).OrderBy(one => one.Code, StringComparer.Ordinal).Take(MostInstruments).ToList();
        var codes = here.ConvertAll(one => one.Code);
        var calendars = await db.Calendars.AsNoTracking().Where(x => codes.Contains(x.InstrumentCode)).ToDictionaryAsync(x => x.InstrumentCode, cancel);
        var lost = await LostAsync(db, codes, days, cancel);
        var holidays = PublicHolidays.Knows(known.Country) ? PublicHolidays.Between(known.Country, days.From, days.To) : [];
        return TypedResults.Ok(new SiteResponse(site, known.TimeZone, known.Country, days.From, days.To, holidays,
            [.. here.Select(one => Of(one, known, calendars.GetValueOrDefault(one.Code), all, days, lost))]));
    }

    private static Task<List<Disturbance>> LostAsync(SchedulingDb db, IReadOnlyCollection<string> codes, (DateOnly From, DateOnly To) days, CancellationToken cancel) =>
        db.LostBetweenAsync(codes, new(days.From.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero), new(days.To.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero), cancel);

    private static (DateOnly From, DateOnly To) Understand(DateOnly? from, DateOnly? to, TimeProvider time)
    {
        var start = from ?? DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (start.Year is < 2000 or >= 2199) throw Invalid("from", "shifts.date", "Dates lie between the years 2000 and 2200.");
        var end = to ?? start.AddDays(30);
        return end > start && end.DayNumber - start.DayNumber <= MostDays ? (start, end)
            : throw Invalid("to", "shifts.range", $"The end lies after the start, by at most {MostDays} days.");
    }

    private static RuleViolation Invalid(string path, string code, string text) => RuleViolation.Invalid("shifts.invalid", text, [new(path, code, text)]);

    private static Response Of(KnownInstrument instrument, KnownSite? site, InstrumentCalendar? kept, List<KnownInstrument> all,
        (DateOnly From, DateOnly To) days, List<Disturbance> lost)
    {
        IReadOnlyList<Coupling> sources = [.. instrument.SharedSources.Select(source =>
            new Coupling(source,
                [.. all.Where(other => other.Code != instrument.Code && other.SharedSources.Contains(source)).Select(other => other.Code)
                .Order(StringComparer.Ordinal)]))];
        if (kept is null) return new(instrument.Code, instrument.Name, instrument.SiteCode, site?.TimeZone, 0, days.From, days.To, null, sources, []);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(kept.Calendar.TimeZone);
        var (from, to) = (RunCalendar.ToUtc(days.From.ToDateTime(TimeOnly.MinValue), zone), RunCalendar.ToUtc(days.To.ToDateTime(TimeOnly.MinValue), zone));
        return new(instrument.Code, instrument.Name, instrument.SiteCode, kept.Calendar.TimeZone, kept.Revision, days.From, days.To,
            kept.Calendar.BudgetBetween(from, to), sources, Intervals(kept.Calendar, from, to, (start, end) => lost.Find(one => one.Takes(instrument.Code, start, end))?.Kind));
    }

    /// <summary>Neighbouring shifts of the same kind together; what no shift covers is outside hours. Without gap or overlap from start to end.</summary>
    /// <param name="lost">What was reported to take a shift away; null: nothing was.</param>
    internal static IReadOnlyList<Interval> Intervals(RunCalendar calendar, DateTimeOffset from, DateTimeOffset to, Func<DateTimeOffset, DateTimeOffset, DisturbanceKind?> lost)
    {
        var intervals = new List<Interval>();
        void Add(DateTimeOffset start, DateTimeOffset end, IReadOnlyList<ClosedFor> reasons, IReadOnlyList<string> notes, int shifts, DisturbanceKind? taken)
        {
            if (start >= end) return;
            if (intervals is [.., var last] && last.Lost == taken && last.Reasons.SequenceEqual(reasons) && last.Notes.SequenceEqual(notes)) intervals[^1] = last
                with { End = end, Shifts = last.Shifts + shifts };
            else intervals.Add(new(start, end, reasons.Count == 0 && taken is null, reasons, notes, shifts, taken));
        }
        var at = from;
        foreach (var slot in calendar.SlotsBetween(from.AddDays(-2), to.AddDays(2)).Where(slot => slot.Start < to && from < slot.End))
        {
            Add(at, slot.Start, [ClosedFor.OutsideHours], [], 0, null);
            at = slot.End < to ? slot.End : to;
            Add(slot.Start > from ? slot.Start : from, at, slot.Reasons, slot.Notes, slot.Start >= from ? 1 : 0, slot.IsOpen ? lost(slot.Start, slot.End) : null);
        }
        Add(at, to, [ClosedFor.OutsideHours], [], 0, null);
        return intervals;
    }

    /// <summary>The time of an instrument between two days on the site's clock; the last day is not in it. Revision 0: it has no calendar yet.</summary>
    public sealed record Response(
        string InstrumentCode, string Name, string? SiteCode, string? TimeZone, int Revision, DateOnly From, DateOnly To, ShiftBudget? Budget,
            IReadOnlyList<Coupling> SharedSources, IReadOnlyList<Interval> Intervals);

    /// <summary>The time of a site's instruments, and the public holidays whether they close or not.</summary>
    public sealed record SiteResponse(
        string SiteCode, string TimeZone, string Country, DateOnly From, DateOnly To, IReadOnlyList<PublicHoliday> Holidays,
            IReadOnlyList<Response> Instruments);

    /// <summary>A time in which so many shifts begin, open to users, or closed for these reasons or by what was reported.</summary>
    /// <param name="Lost">What takes the shifts away from users though the calendar has them open.</param>
    public sealed record Interval(DateTimeOffset Start, DateTimeOffset End, bool Open, IReadOnlyList<ClosedFor> Reasons, IReadOnlyList<string> Notes,
        int Shifts, DisturbanceKind? Lost);

    /// <summary>What it shares with other instruments: one of them at a time.</summary>
    public sealed record Coupling(string Source, IReadOnlyList<string> With);
}
