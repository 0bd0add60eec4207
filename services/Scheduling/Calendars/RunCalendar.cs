using System.Globalization;

namespace Tutti.Scheduling.Calendars;

/// <summary>
/// When an instrument gives beam to users, written as people at the site say it: runs, reactor cycles, the pattern of the week, holidays and closures,
/// all on the site's wall clock. A shift is open where it lies wholly inside a run and a weekly window and touches no closure and no holiday that closes.
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
    public IReadOnlyList<RunPeriod> RunPeriods { get; init; } = [];

    public ReactorCycles? Reactor { get; init; }

    /// <summary>When users are taken in a normal week; empty means the whole week.</summary>
    public IReadOnlyList<WeeklyWindow> Week { get; init; } = [];

    /// <summary>Maintenance, machine days, shifts set aside.</summary>
    public IReadOnlyList<Closure> Closed { get; init; } = [];

    /// <summary>Two-letter code of the country on whose public holidays there are no shifts; null: holidays do not close.</summary>
    public string? HolidayCountry { get; init; }

    /// <summary>Shares kept from users.</summary>
    public IReadOnlyList<ReservedShare> Shares { get; init; } = [];

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
        foreach (var closed in Closed.Where(closed => closed.Reason is ClosedFor.NoRun or ClosedFor.OutsideHours))
            errors.Add(new("closure-reason", $"{closed.From:s}"));
        if (Week.Count > 100) errors.Add(new("too-many-weekly-windows", $"{Week.Count}"));
        if (HolidayCountry is { } country && !PublicHolidays.Knows(country)) errors.Add(new("holidays-unknown", country));
        if (Shares.Any(share => share.For is not (ClosedFor.InHouse or ClosedFor.Commissioning) || share.Percent is < 0 or > 100)
            || Shares.Sum(share => (long)share.Percent) > 100
            || Shares.DistinctBy(share => share.For).Count() < Shares.Count)
            errors.Add(new("shares", string.Join(", ", Shares.Select(share => $"{share.For} {share.Percent} %"))));
        return errors;
    }

    /// <summary>All shifts open to users that lie wholly inside [from, to), in order of time.</summary>
    /// <exception cref="InvalidOperationException">The calendar has errors.</exception>
    public IReadOnlyList<Shift> ShiftsBetween(DateTimeOffset from, DateTimeOffset to) =>
        [.. SlotsBetween(from, to).Where(slot => slot.IsOpen).Select(slot => new Shift(slot.Start, slot.End, slot.Label, slot.MayStart))];

    /// <summary>All shifts open to users that the calendar ever has.</summary>
    /// <exception cref="InvalidOperationException">The calendar has errors, or spans more than five years.</exception>
    public IReadOnlyList<Shift> Shifts() => Extent() is var (from, to) ? ShiftsBetween(from, to) : [];

    /// <summary>Every shift of the site's grid that lies wholly inside [from, to), in order of time, with the reasons for which users cannot have it.</summary>
    /// <exception cref="InvalidOperationException">The calendar has errors.</exception>
    public IReadOnlyList<ShiftSlot> SlotsBetween(DateTimeOffset from, DateTimeOffset to)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to - from, TimeSpan.FromDays(5 * 366));
        if (Validate() is [var error, ..] || Zone() is not { } zone)
            throw new InvalidOperationException($"The run calendar is not valid: {Validate()[0]}");

        var runs = Merged(RunPeriods.Concat(Reactor?.Periods() ?? []));
        var week = Merged(Enumerable.Range(-1, 3).SelectMany(WindowsOfWeek));
        var slots = new List<ShiftSlot>();
        if (from >= to) return slots;
        var (firstDay, lastDay) = (TimeZoneInfo.ConvertTime(from, zone).Date.AddDays(-1), TimeZoneInfo.ConvertTime(to, zone).Date);
        var closures = Closures(new(firstDay, lastDay.AddDays(2)));
        for (var day = firstDay; day <= lastDay; day = day.AddDays(1))
        {
            var today = closures.Where(closed => closed.From < day.AddDays(2) && day < closed.To).ToList();
            foreach (var startOfShift in Pattern.Starts)
            {
                var local = new LocalInterval(day + startOfShift.ToTimeSpan(), day + startOfShift.ToTimeSpan() + Pattern.Length);
                var (start, end) = (ToUtc(local.From, zone), ToUtc(local.To, zone));
                if (start < from || end > to || start >= end) continue;
                var inWeek = new LocalInterval(MondayZero + WeekTime(local.From), MondayZero + WeekTime(local.From) + Pattern.Length);
                var touching = today.FindAll(closed => closed.Meets(local));
                var reasons = touching.ConvertAll(closed => closed.Reason);
                if (!IsInside(runs, local)) reasons.Add(ClosedFor.NoRun);
                if (Week.Count > 0 && !IsInside(week, inWeek)) reasons.Add(ClosedFor.OutsideHours);
                slots.Add(new(start, end, Label(local), [.. reasons.Distinct().Order()],
                    [.. touching.Select(closed => closed.Note).OfType<string>().Distinct()], Pattern.MayStart(startOfShift)));
            }
        }
        return slots;
    }

    /// <summary>How many shifts there are in [from, to), and how many of them users get at most.</summary>
    /// <exception cref="InvalidOperationException">The calendar has errors.</exception>
    public ShiftBudget BudgetBetween(DateTimeOffset from, DateTimeOffset to)
    {
        var withBeam = SlotsBetween(from, to).Where(slot => slot.HasBeam).ToList();
        var setAside = withBeam.Where(slot => !slot.IsOpen).CountBy(slot => slot.Reasons[0]).ToDictionary();
        var kept = setAside.Keys.Concat(Shares.Select(share => share.For)).Distinct().Sum(use => Math.Max(
            setAside.GetValueOrDefault(use),
                (int)Math.Ceiling((Shares.FirstOrDefault(share => share.For == use)?.Percent ?? 0) * (decimal)withBeam.Count / 100)));
        return new(withBeam.Count, withBeam.Count(slot => slot.IsOpen), Math.Max(0, withBeam.Count - kept));
    }

    /// <summary>A time around all that can have shifts; null where nothing has. Every part of the calendar is plausible.</summary>
    public (DateTimeOffset From, DateTimeOffset To)? Extent()
    {
        var periods = RunPeriods.Concat(Reactor?.Periods() ?? []).ToList();
        return periods.Count == 0 ? null
            : (new DateTimeOffset(periods.Min(period => period.From).AddDays(-1), TimeSpan.Zero),
                new DateTimeOffset(periods.Max(period => period.To).AddDays(1), TimeSpan.Zero));
    }

    /// <summary>
    /// The calendar with another in its place between two local times: runs and closures outside stay, cut where they cross; how the day and the week are cut,
    /// holidays and shares are those of the other.
    /// </summary>
    public RunCalendar With(LocalInterval time, RunCalendar other) => other with
    {
        Reactor = null,
        RunPeriods = [.. Ordered(Runs().SelectMany(run => Outside(run, time, (from, to) => run with { From = from, To = to }))
            .Concat(other.Runs().SelectMany(run => Inside(run, time, (from, to) => run with { From = from, To = to }))))],
        Closed = [.. Ordered(Closed.SelectMany(closed => Outside(closed, time, (from, to) => closed with { From = from, To = to }))
            .Concat(other.Closed.SelectMany(closed => Inside(closed, time, (from, to) => closed with { From = from, To = to }))))],
    };

    /// <summary>Runs of the machine and cycles of the reactor, in order of time.</summary>
    public IReadOnlyList<RunPeriod> Runs() => [.. Ordered(RunPeriods.Concat(Reactor?.Periods().Select(cycle => new RunPeriod(cycle.From, cycle.To)) ?? []))];

    /// <summary>All closures, and the holidays of a time where they close, in order of time.</summary>
    public IReadOnlyList<Closure> Closures(LocalInterval time) => [.. Ordered(Closed.Concat(HolidayCountry is not { } country ? []
        : PublicHolidays.Between(country, DateOnly.FromDateTime(time.From), DateOnly.FromDateTime(time.To).AddDays(1))
            .Select(holiday => new Closure(holiday.Date.ToDateTime(TimeOnly.MinValue), holiday.Date.AddDays(1).ToDateTime(TimeOnly.MinValue),
                ClosedFor.Holiday, holiday.Name))))];

    /// <summary>The instant at which the site's clock first shows the time, or, if it skips it, the instant at which it skips.</summary>
    public static DateTimeOffset ToUtc(DateTime local, TimeZoneInfo zone)
    {
        var shown = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        while (zone.IsInvalidTime(shown)) shown = new DateTime(shown.Ticks - shown.Ticks % TimeSpan.TicksPerMinute).AddMinutes(1);
        var offset = zone.IsAmbiguousTime(shown) ? zone.GetAmbiguousTimeOffsets(shown).Max() : zone.GetUtcOffset(shown);
        return new DateTimeOffset(shown, offset).ToUniversalTime();
    }

    internal static bool IsPlausible(DateTime time) => time.Year is >= 2000 and < 2200;

    /// <summary>Intervals that begin or end inside [time.From, time.To), cut to it.</summary>
    internal static IEnumerable<T> Inside<T>(T interval, LocalInterval time, Func<DateTime, DateTime, T> cut) where T : LocalInterval
    {
        var (from, to) = (interval.From > time.From ? interval.From : time.From, interval.To < time.To ? interval.To : time.To);
        if (from < to) yield return cut(from, to);
    }

    private static IEnumerable<T> Outside<T>(T interval, LocalInterval time, Func<DateTime, DateTime, T> cut) where T : LocalInterval
    {
        if (interval.From < time.From) yield return cut(interval.From, interval.To < time.From ? interval.To : time.From);
        if (interval.To > time.To) yield return cut(interval.From > time.To ? interval.From : time.To, interval.To);
    }

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
        var inDay = (int)(window.To.ToTimeSpan() - window.From.ToTimeSpan()).TotalMinutes;
        var minutes = (((int)window.ToDay - (int)window.FromDay) * 24 * 60 + inDay) % WeekMinutes;
        return new LocalInterval(from, from.AddMinutes(minutes <= 0 ? minutes + WeekMinutes : minutes));
    });

    private static IEnumerable<T> Ordered<T>(IEnumerable<T> intervals) where T : LocalInterval =>
        intervals.OrderBy(interval => interval.From).ThenBy(interval => interval.To);

    private static List<LocalInterval> Merged(IEnumerable<LocalInterval> intervals)
    {
        var merged = new List<LocalInterval>();
        foreach (var interval in Ordered(intervals))
            if (merged is [.., var last] && interval.From <= last.To) merged[^1] = new(last.From, interval.To > last.To ? interval.To : last.To);
            else merged.Add(interval);
        return merged;
    }

    private static bool IsInside(List<LocalInterval> merged, LocalInterval shift) =>
        merged.Exists(interval => interval.From <= shift.From && shift.To <= interval.To);

    private static string Label(LocalInterval local) =>
        string.Create(CultureInfo.InvariantCulture, $"{local.From:yyyy-MM-dd HH:mm}-{local.To:HH:mm}");
}
