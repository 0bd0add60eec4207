namespace Tutti.Scheduling.Calendars;

/// <summary>The first or the second half of a year, and the calendar that an operating pattern proposes for it.</summary>
public sealed record HalfYear(int Year, int Half)
{
    /// <summary>Whether there is such a half-year and plans reach so far.</summary>
    public bool IsValid => Half is 1 or 2 && Year is >= 2020 and <= 2100;

    /// <summary>From its first to its last day, on the site's clock.</summary>
    public LocalInterval Time => Half == 1 ? new(new(Year, 1, 1), new(Year, 7, 1)) : new(new(Year, 7, 1), new(Year + 1, 1, 1));

    /// <summary>The calendar that follows from the pattern: the same every time, and the two halves of a year together are the year.</summary>
    public RunCalendar Propose(OperatingPattern pattern, string timeZone, string? country)
    {
        var shutdowns = Enumerable.Range(Year - 1, 3).SelectMany(year => pattern.EveryYear.Select(rule => Of(rule, year))).ToList();
        var runs = RunsOfYear(pattern, shutdowns).SelectMany(run => RunCalendar.Inside(run, Time, (from, to) => run with { From = from, To = to })).ToList();
        var machine = pattern.EveryWeeks.SelectMany(OfYear)
            .Where(closed => runs.Exists(run => run.Meets(closed)) && !shutdowns.Exists(off => off.From <= closed.From && closed.To <= off.To));
        var closures = shutdowns.Concat(machine).SelectMany(closed => RunCalendar.Inside(closed, Time, (from, to) => closed with { From = from, To = to }));
        return new RunCalendar
        {
            TimeZone = timeZone, Pattern = pattern.Shifts, Week = pattern.Week, RunPeriods = runs,
            Closed = [.. closures.Distinct().OrderBy(closed => closed.From).ThenBy(closed => closed.To)],
            HolidayCountry = pattern.HolidaysClose ? country : null, Shares = pattern.Shares,
        };
    }

    internal static DateTime FirstMonday(int year) => new DateTime(year, 1, 1).AddDays((8 - (int)new DateTime(year, 1, 1).DayOfWeek) % 7);

    private List<RunPeriod> RunsOfYear(OperatingPattern pattern, List<Closure> shutdowns)
    {
        var (start, end) = (FirstMonday(Year), new DateTime(Year + 1, 1, 1));
        if (pattern.Reactor is { } reactor) return Cycles(reactor, start, end, shutdowns);
        if (pattern.Runs is not { } rhythm) return [new(new(Year, 1, 1), end)];
        var runs = new List<RunPeriod>();
        for (var from = start; from < end; from = from.AddDays(7 * (rhythm.Weeks + rhythm.PauseWeeks)))
        {
            var to = from.AddDays(7 * rhythm.Weeks);
            runs.Add(new(from, to < end ? to : end, $"Run {Year}-{runs.Count + 1}"));
        }
        return runs;
    }

    /// <summary>Of all cycles that fit between the shutdowns as many as give the days of the year, evenly spread.</summary>
    private List<RunPeriod> Cycles(CycleRhythm reactor, DateTime start, DateTime end, List<Closure> shutdowns)
    {
        var possible = new List<IReadOnlyList<LocalInterval>>();
        for (var from = start; from < end; from = from.AddDays(reactor.EveryDays))
        {
            IReadOnlyList<LocalInterval> cycle = [.. new ReactorCycles(from, reactor.EffectiveDays, reactor.EveryDays, 1, reactor.WeekendStop).Periods()];
            if (cycle[^1].To <= end && !cycle.Any(part => shutdowns.Exists(part.Meets))) possible.Add(cycle);
        }
        var wanted = Math.Min(possible.Count, reactor.DaysPerYear / reactor.EffectiveDays);
        return [.. Enumerable.Range(0, wanted)
            .SelectMany(i => possible[i * possible.Count / wanted].Select(part => new RunPeriod(part.From, part.To, $"Cycle {Year}-{i + 1}")))];
    }

    private IEnumerable<Closure> OfYear(WeeklyClosure rule)
    {
        var monday = FirstMonday(Year).AddDays(-7 * rule.Weeks);
        for (; monday.Year <= Year; monday = monday.AddDays(7 * rule.Weeks))
        {
            var from = monday.AddDays(((int)rule.Day + 6) % 7) + rule.From.ToTimeSpan();
            yield return new(from, from.AddHours(rule.Hours), rule.Reason, rule.Note);
        }
    }

    private static Closure Of(YearlyClosure rule, int year)
    {
        var later = (rule.ToMonth, rule.ToDay).CompareTo((rule.FromMonth, rule.FromDay)) < 0;
        return new(new(year, rule.FromMonth, rule.FromDay), new(later ? year + 1 : year, rule.ToMonth, rule.ToDay), rule.Reason, rule.Note);
    }
}
