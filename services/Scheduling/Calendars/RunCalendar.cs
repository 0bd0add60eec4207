using System.Globalization;

namespace Tutti.Scheduling.Calendars;

/// <summary>
/// When an instrument gives beam to users, written as people at the site say it: runs, reactor cycles, the pattern of the week and closures,
/// all on the site's wall clock. A shift exists where it lies wholly inside a run and a weekly window and touches no closure.
/// </summary>
/// <remarks>
/// Shifts keep to the wall clock over daylight-saving changes, because people and machine do: on the day of 23 hours the shift during which the
/// clocks go forward lasts an hour less, on the day of 25 hours an hour more; it is one shift all the same. A boundary inside the hour that
/// is skipped falls on the instant of the change; a boundary inside the hour that comes twice means its first pass. Both ends of every shift go
/// through the same monotone rule, so neighbours touch and never overlap; a shift wholly inside the skipped hour does not exist.
/// </remarks>
public sealed record RunCalendar
{
    private const int WeekMinutes = 7 * 24 * 60;

    /// <summary>IANA name of the site's time zone, for example Europe/Budapest.</summary>
    public required string TimeZone { get; init; }

    public ShiftPattern Pattern { get; init; } = ShiftPattern.ThreeOfEightHours;

    /// <summary>Runs of the machine; together with the reactor's cycles they are all the time that can have shifts.</summary>
    public IReadOnlyList<LocalInterval> RunPeriods { get; init; } = [];

    public ReactorCycles? Reactor { get; init; }

    /// <summary>When users are taken in a normal week; empty means the whole week.</summary>
    public IReadOnlyList<WeeklyWindow> Week { get; init; } = [];

    /// <summary>Maintenance, machine days, holidays.</summary>
    public IReadOnlyList<LocalInterval> Closed { get; init; } = [];

    /// <summary>Everything in the calendar that makes no sense, at once; shifts are generated only from a calendar without errors.</summary>
    public IReadOnlyList<CalendarError> Validate()
    {
        var errors = new List<CalendarError>();
        if (Zone() is null) errors.Add(new("unknown-time-zone", TimeZone));
        errors.AddRange(Pattern.Errors());
        if (RunPeriods.Count == 0 && Reactor is null) errors.Add(new("no-run-period", TimeZone));
        if (Reactor is not null) errors.AddRange(Reactor.Errors());
        errors.AddRange(Errors(RunPeriods, "run-period"));
        errors.AddRange(Errors(Closed, "closure"));
        foreach (var (one, other) in Ordered(RunPeriods).Zip(Ordered(RunPeriods).Skip(1)))
            if (other.From < one.To) errors.Add(new("run-periods-overlap", $"{other.From:s}"));
        if (Week.Count > 100) errors.Add(new("too-many-weekly-windows", $"{Week.Count}"));
        return errors;
    }

    /// <summary>All shifts that lie wholly inside [from, to), in order of time.</summary>
    /// <exception cref="InvalidOperationException">The calendar has errors.</exception>
    public IReadOnlyList<Shift> ShiftsBetween(DateTimeOffset from, DateTimeOffset to)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to - from, TimeSpan.FromDays(5 * 366));
        if (Validate() is [var error, ..] || Zone() is not { } zone)
            throw new InvalidOperationException($"The run calendar is not valid: {Validate()[0]}");

        var runs = Merged(RunPeriods.Concat(Reactor?.Periods() ?? []));
        var week = Merged(Enumerable.Range(-1, 3).SelectMany(WindowsOfWeek));
        var shifts = new List<Shift>();
        if (from >= to) return shifts;
        var lastDay = TimeZoneInfo.ConvertTime(to, zone).Date;
        for (var day = TimeZoneInfo.ConvertTime(from, zone).Date.AddDays(-1); day <= lastDay; day = day.AddDays(1))
            foreach (var startOfShift in Pattern.Starts)
            {
                var local = new LocalInterval(day + startOfShift.ToTimeSpan(), day + startOfShift.ToTimeSpan() + Pattern.Length);
                var inWeek = new LocalInterval(MondayZero + WeekTime(local.From), MondayZero + WeekTime(local.From) + Pattern.Length);
                if (!IsInside(runs, local) || Week.Count > 0 && !IsInside(week, inWeek)) continue;
                if (Closed.Any(closed => closed.From < local.To && local.From < closed.To)) continue;
                var (start, end) = (ToUtc(local.From, zone), ToUtc(local.To, zone));
                if (start >= from && end <= to && start < end) shifts.Add(new(start, end, Label(local)));
            }
        return shifts;
    }

    /// <summary>The instant at which the site's clock first shows the time, or, if it skips it, the instant at which it skips.</summary>
    public static DateTimeOffset ToUtc(DateTime local, TimeZoneInfo zone)
    {
        var shown = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        while (zone.IsInvalidTime(shown)) shown = new DateTime(shown.Ticks - shown.Ticks % TimeSpan.TicksPerMinute).AddMinutes(1);
        var offset = zone.IsAmbiguousTime(shown) ? zone.GetAmbiguousTimeOffsets(shown).Max() : zone.GetUtcOffset(shown);
        return new DateTimeOffset(shown, offset).ToUniversalTime();
    }

    internal static bool IsPlausible(DateTime time) => time.Year is >= 2000 and < 2200;

    private static readonly DateTime MondayZero = new(2001, 1, 1);

    private TimeZoneInfo? Zone() =>
        TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) && zone.HasIanaId ? zone : null;

    private static IEnumerable<CalendarError> Errors(IReadOnlyList<LocalInterval> intervals, string what)
    {
        if (intervals.Count > 10_000) yield return new($"too-many-{what}s", $"{intervals.Count}");
        foreach (var interval in intervals)
            if (interval.From >= interval.To) yield return new($"{what}-empty", $"{interval.From:s}");
            else if (!IsPlausible(interval.From) || !IsPlausible(interval.To)) yield return new("date-out-of-range", $"{interval.From:s}");
    }

    private static TimeSpan WeekTime(DateTime local) => TimeSpan.FromDays(((int)local.DayOfWeek + 6) % 7) + local.TimeOfDay;

    private IEnumerable<LocalInterval> WindowsOfWeek(int week) => Week.Select(window =>
    {
        var from = MondayZero.AddDays(7.0 * week + ((int)window.FromDay + 6) % 7) + window.From.ToTimeSpan();
        var minutes = (((int)window.ToDay - (int)window.FromDay) * 24 * 60 + (int)(window.To.ToTimeSpan() - window.From.ToTimeSpan()).TotalMinutes) % WeekMinutes;
        return new LocalInterval(from, from.AddMinutes(minutes <= 0 ? minutes + WeekMinutes : minutes));
    });

    private static IEnumerable<LocalInterval> Ordered(IEnumerable<LocalInterval> intervals) => intervals.OrderBy(interval => interval.From).ThenBy(interval => interval.To);

    private static List<LocalInterval> Merged(IEnumerable<LocalInterval> intervals)
    {
        var merged = new List<LocalInterval>();
        foreach (var interval in Ordered(intervals))
            if (merged is [.., var last] && interval.From <= last.To) merged[^1] = last with { To = interval.To > last.To ? interval.To : last.To };
            else merged.Add(interval);
        return merged;
    }

    private static bool IsInside(List<LocalInterval> merged, LocalInterval shift) =>
        merged.Exists(interval => interval.From <= shift.From && shift.To <= interval.To);

    private static string Label(LocalInterval local) =>
        string.Create(CultureInfo.InvariantCulture, $"{local.From:yyyy-MM-dd HH:mm}-{local.To:HH:mm}");
}
