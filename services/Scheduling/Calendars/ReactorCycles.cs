namespace Tutti.Scheduling.Calendars;

/// <summary>
/// The operation of a research reactor: cycles of a few effective days that begin at regular distance (Budapest: about four effective
/// days a week, none at the weekend, about 160 days a year).
/// </summary>
/// <param name="FirstStart">Wall-clock time at which the first cycle gives beam.</param>
/// <param name="EffectiveDays">Days of 24 h of beam in a cycle; stops at the weekend do not count.</param>
/// <param name="EveryDays">Days from the start of a cycle to the start of the next.</param>
/// <param name="Count">Number of cycles.</param>
/// <param name="WeekendStop">Whether the reactor stands still from Saturday 00:00 to Monday 00:00, and goes on after it where the cycle is not yet
/// complete.</param>
public sealed record ReactorCycles(DateTime FirstStart, int EffectiveDays, int EveryDays, int Count, bool WeekendStop = true)
{
    internal IEnumerable<CalendarError> Errors()
    {
        if (EffectiveDays is < 1 or > 100) yield return new("reactor-effective-days-out-of-range", $"{EffectiveDays}");
        else if (EveryDays is < 1 or > 366) yield return new("reactor-distance-out-of-range", $"{EveryDays}");
        else if (Count is < 1 or > 400) yield return new("reactor-cycles-out-of-range", $"{Count}");
        else if (!RunCalendar.IsPlausible(FirstStart)) yield return new("date-out-of-range", $"{FirstStart:s}");
        else
        {
            for (var i = 0; i + 1 < Count; i++)
                if (Cycle(i)[^1].To > FirstStart.AddDays((double)EveryDays * (i + 1)))
                {
                    yield return new("reactor-cycles-overlap", $"cycle {i + 1}");
                    yield break;
                }
        }
    }

    internal IEnumerable<LocalInterval> Periods() => Enumerable.Range(0, Count).SelectMany(Cycle);

    private List<LocalInterval> Cycle(int number)
    {
        var periods = new List<LocalInterval>();
        var at = FirstStart.AddDays((double)EveryDays * number);
        var left = TimeSpan.FromDays(EffectiveDays);
        while (left > TimeSpan.Zero)
        {
            if (WeekendStop && at.DayOfWeek is (DayOfWeek.Saturday or DayOfWeek.Sunday))
                at = at.Date.AddDays(at.DayOfWeek == DayOfWeek.Saturday ? 2 : 1);
            var end = at + left;
            var saturday = at.Date.AddDays(DayOfWeek.Saturday - at.DayOfWeek);
            if (WeekendStop && end > saturday) end = saturday;
            periods.Add(new(at, end));
            left -= end - at;
            at = end;
        }
        return periods;
    }
}
