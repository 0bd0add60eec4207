using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using NodaTime.TimeZones;
using Tutti.Scheduling.Calendars;
using LocalInterval = Tutti.Scheduling.Calendars.LocalInterval;

namespace Tutti.Scheduling.Tests;

/// <summary>
/// What holds of every calendar when the clocks change: at two in the morning, at one, at midnight so that a day begins at one, by half an hour, and on the
/// other
/// half of the earth. Years in which the zones did change are drawn, and the days of the change more often than others.
/// </summary>
[Trait("engine", "any")]
public sealed class Calendars_over_daylight_saving
{
    private static readonly string[] zones = ["Europe/Rome", "Europe/London", "Asia/Beirut", "Australia/Lord_Howe", "America/Sao_Paulo"];

    /// <summary>A zone, a day that is often the day of a change or beside it, and a way to cut the day.</summary>
    private static Gen<(TimeZoneInfo Zone, DateTime Day, ShiftPattern Pattern)> Cases() =>
        from id in Gen.Elements(zones)
        from year in Gen.Choose(2008, 2036)
        from near in Gen.Choose(0, 3)
        from change in Gen.Choose(0, 1)
        from offset in Gen.Choose(-2, 2)
        from any in Gen.Choose(0, 364)
        from cut in Gen.Elements((1, 480), (2, 720), (3, 480), (4, 360), (6, 240), (8, 180), (12, 120), (24, 60))
        from quarter in Gen.Choose(0, 7)
        let zone = TimeZoneInfo.FindSystemTimeZoneById(id)
        let changes = Changes(zone, year)
        let day = near > 0 && changes.Count > 0 ? TimeZoneInfo.ConvertTime(changes[change % changes.Count], zone).Date.AddDays(offset)
            : new DateTime(year, 1, 1).AddDays(any)
        select (zone, day, new ShiftPattern([.. Enumerable.Range(0, cut.Item1)
            .Select(i => new TimeOnly(0, 0).AddMinutes((i * cut.Item2) + (quarter * 15 % cut.Item2))).Order()], TimeSpan.FromMinutes(cut.Item2)));

    /// <summary>The instants of a year at which the offset changes, from the zone data of another library.</summary>
    private static List<DateTimeOffset> Changes(TimeZoneInfo zone, int year) =>
        [.. DateTimeZoneProviders.Tzdb[zone.Id].GetZoneIntervals(Instant.FromUtc(year, 1, 1, 0, 0), Instant.FromUtc(year + 1, 1, 1, 0, 0)).Skip(1)
            .Select(interval => interval.Start.ToDateTimeOffset())];

    private static RunCalendar Around(TimeZoneInfo zone, DateTime day, ShiftPattern pattern) =>
        new() { TimeZone = zone.Id, Pattern = pattern, RunPeriods = [new(day.AddDays(-4), day.AddDays(5))] };

    private static void Holds<T>(Gen<T> cases, Action<T> property, int tests = 400) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(tests), Prop.ForAll(cases.ToArbitrary(), property));

    [Fact]
    public void Are_looked_at_in_years_in_which_the_clocks_change()
    {
        Assert.All(zones, id => Assert.Equal(2, Changes(TimeZoneInfo.FindSystemTimeZoneById(id), 2012).Count));
        Assert.All(zones.Except(["America/Sao_Paulo"]), id => Assert.Equal(2, Changes(TimeZoneInfo.FindSystemTimeZoneById(id), 2027).Count));
        Assert.All(zones, id => Assert.Equal(Changes(TimeZoneInfo.FindSystemTimeZoneById(id), 2012), Onsets(TimeZoneInfo.FindSystemTimeZoneById(id), 2012)));
    }

    private static IEnumerable<DateTimeOffset> Onsets(TimeZoneInfo zone, int year)
    {
        for (var at = new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero); at.Year == year; at = at.AddMinutes(30))
            if (zone.GetUtcOffset(at) != zone.GetUtcOffset(at.AddMinutes(-30))) yield return at;
    }

    [Fact]
    public void Have_shifts_that_never_overlap_and_instants_that_no_two_share() => Holds(Cases(), one =>
    {
        var shifts = Around(one.Zone, one.Day, one.Pattern).Shifts();
        Assert.NotEmpty(shifts);
        Assert.All(shifts, shift => Assert.True(shift.Start < shift.End && shift.Start.Offset == TimeSpan.Zero));
        Assert.All(shifts.Zip(shifts.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start));
        Assert.Equal(shifts.Count, shifts.DistinctBy(shift => shift.Start).Count());
        Assert.Equal(shifts.Count, shifts.DistinctBy(shift => shift.Label).Count());
    });

    [Fact]
    public void Cover_a_run_without_a_gap_where_the_pattern_covers_the_day() =>
        Holds(Cases().Where(one => one.Pattern.Starts.Count * one.Pattern.Length == TimeSpan.FromDays(1)), one =>
    {
        var shifts = Around(one.Zone, one.Day, one.Pattern).Shifts();
        Assert.All(shifts.Zip(shifts.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start));
        // Over nine days the clock loses or gains what its offset changes by, and the shifts with it.
        var first = RunCalendar.ToUtc(one.Day.AddDays(-4), one.Zone);
        var last = RunCalendar.ToUtc(one.Day.AddDays(5), one.Zone);
        Assert.Equal((last - first) - (shifts[0].Start - first) - (last - shifts[^1].End),
            shifts.Aggregate(TimeSpan.Zero, (sum, shift) => sum + (shift.End - shift.Start)));
        Assert.True(shifts[0].Start - first < one.Pattern.Length + TimeSpan.FromHours(1) && last - shifts[^1].End < one.Pattern.Length + TimeSpan.FromHours(1));
    });

    [Fact]
    public void Keep_the_wall_clock_of_the_site() => Holds(Cases(), one =>
    {
        var starts = one.Pattern.Starts.ToHashSet();
        foreach (var shift in Around(one.Zone, one.Day, one.Pattern).Shifts())
        {
            var shown = TimeZoneInfo.ConvertTime(shift.Start, one.Zone).DateTime;
            var written = DateTime.ParseExact(shift.Label[..16], "yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);
            Assert.Contains(TimeOnly.FromDateTime(written), starts);
            // The clock shows what is written, but where it skips the time: there the shift begins at the change.
            if (one.Zone.IsInvalidTime(written)) Assert
                .True(shown > written && !one.Zone.IsInvalidTime(shown)
                && one.Zone.GetUtcOffset(shift.Start) != one.Zone.GetUtcOffset(shift.Start.AddTicks(-1)));
            else Assert.Equal(written, shown);
        }
    });

    /// <summary>Users begin with a shift by what the clock of the site shows when it starts, be the day of 23, 24 or 25 hours; the shifts are the same as without such a rule.</summary>
    [Fact]
    public void Let_users_begin_at_the_same_times_of_the_wall_clock() => Holds(
        from one in Cases() from which in Gen.Choose(1, (1 << 24) - 1) select (one.Zone, one.Day, one.Pattern, UserStarts: one.Pattern.Starts.Where((_, n) => (which >> n & 1) == 1).ToList()), one =>
    {
        if (one.UserStarts.Count == 0) return;
        var all = Around(one.Zone, one.Day, one.Pattern).Shifts();
        var shifts = Around(one.Zone, one.Day, one.Pattern with { UserStarts = one.UserStarts }).Shifts();
        Assert.All(all, shift => Assert.True(shift.MayStart));
        Assert.Equal(all, shifts.Select(shift => shift with { MayStart = true }));
        foreach (var shift in shifts)
        {
            var shown = TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(shift.Start, one.Zone).DateTime);
            var written = TimeOnly.ParseExact(shift.Label.AsSpan(11, 5), "HH:mm", System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(one.UserStarts.Contains(written), shift.MayStart);
            // Where the clock skips the time the shift begins at the change, and is the one that was written all the same.
            if (shown == written) Assert.Equal(one.UserStarts.Contains(shown), shift.MayStart);
            else Assert.True(one.Zone.IsInvalidTime(DateTime.ParseExact(shift.Label.AsSpan(0, 16), "yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture)));
        }
        var grid = Asking.TimeGrid.QuarterHours(all[0].Start.AddDays(-1));
        if (shifts.All(shift => shift.Start.Minute % 15 == 0 && shift.End.Minute % 15 == 0))
            Assert.Equal(shifts.Select(shift => shift.MayStart), grid.OpenShifts(shifts).Select(shift => shift.MayStart));
    });

    [Fact]
    public void Last_as_long_as_their_pattern_but_for_the_change_inside() => Holds(Cases(), one =>
    {
        foreach (var shift in Around(one.Zone, one.Day, one.Pattern).Shifts())
        {
            var change = one.Zone.GetUtcOffset(shift.Start) - one.Zone.GetUtcOffset(shift.End);
            var missing = shift.End - shift.Start - one.Pattern.Length;
            if (change == TimeSpan.Zero && missing != TimeSpan.Zero)
                // Only a boundary in the skipped or repeated time, that is, at the change itself or an hour beside it, may make a difference.
                Assert.Contains(Changes(one.Zone, shift.Start.Year).Concat(Changes(one.Zone, shift.End.Year)),
                    at => (at - shift.Start).Duration() <= TimeSpan.FromHours(1) || (at - shift.End).Duration() <= TimeSpan.FromHours(1));
            Assert.InRange(missing.Duration().TotalMinutes, 0, 60);
        }
    });

    [Fact]
    public void Have_a_day_of_23_and_one_of_25_hours_or_half_an_hour_less_where_the_zone_does_so() => Holds(
        from id in Gen.Elements(zones) from year in Gen.Choose(2008, 2017) select (Zone: TimeZoneInfo.FindSystemTimeZoneById(id), Year: year), one =>
    {
        foreach (var change in Changes(one.Zone, one.Year))
        {
            // The day that the change belongs to: a change at midnight makes the new day longer, or the old one, as the wall clock says.
            var by = one.Zone.GetUtcOffset(change) - one.Zone.GetUtcOffset(change.AddTicks(-1));
            var day = TimeZoneInfo.ConvertTime(change.AddTicks(-1), one.Zone).AddTicks(1).Date;
            if (by < TimeSpan.Zero && TimeZoneInfo.ConvertTime(change, one.Zone).Date < day) day = TimeZoneInfo.ConvertTime(change, one.Zone).Date;
            var shifts = (Around(one.Zone, day, ShiftPattern.ThreeOfEightHours) with { RunPeriods = [new(day, day.AddDays(1))] }).Shifts();
            Assert.Equal(3, shifts.Count);
            Assert.Equal(TimeSpan.FromDays(1) - by, shifts[^1].End - shifts[0].Start);
        }
    });

    [Fact]
    public void Turn_wall_clock_times_into_the_instants_that_another_library_finds() => Holds(
        from one in Cases() from minutes in Gen.Choose(0, (24 * 60) - 1) select (one.Zone, Local: one.Day.AddMinutes(minutes)), one =>
    {
        var independent = DateTimeZoneProviders.Tzdb[one.Zone.Id]
            .ResolveLocal(LocalDateTime.FromDateTime(one.Local),
            Resolvers.CreateMappingResolver(Resolvers.ReturnEarlier, Resolvers.ReturnStartOfIntervalAfter));
        Assert.Equal(independent.ToDateTimeOffset(), RunCalendar.ToUtc(one.Local, one.Zone));
    }, 2000);

    [Fact]
    public void Read_every_instant_back_from_the_wall_clock_but_for_the_second_pass_of_the_repeated_time() => Holds(
        from one in Cases() from minutes in Gen.Choose(0, (24 * 60) - 1) select (one.Zone, At: RunCalendar.ToUtc(one.Day, one.Zone).AddMinutes(minutes)), one =>
    {
        var shown = TimeZoneInfo.ConvertTime(one.At, one.Zone).DateTime;
        var back = RunCalendar.ToUtc(shown, one.Zone);
        if (one.Zone.IsAmbiguousTime(shown)) Assert
            .True(back == one.At || one.At - back == one.Zone.GetAmbiguousTimeOffsets(shown).Max() - one.Zone.GetAmbiguousTimeOffsets(shown).Min());
        else Assert.Equal(one.At, back);
    }, 2000);

    [Fact]
    public void Never_go_back_as_the_wall_clock_goes_on() => Holds(
        from one in Cases() from first in Gen.Choose(0, 3000) from later in Gen
            .Choose(1, 600) select (one.Zone, From: one.Day.AddMinutes(first), To: one.Day.AddMinutes(first + later)),
        one => Assert.True(RunCalendar.ToUtc(one.From, one.Zone) <= RunCalendar.ToUtc(one.To, one.Zone)), 2000);

    [Fact]
    public void Close_what_a_closure_touches_and_nothing_else() => Holds(
        from one in Cases() from start in Gen.Choose(-2000, 2000) from length in Gen
            .Choose(1, 1500) select (one, Closed: new Closure(one.Day.AddMinutes(start), one.Day.AddMinutes(start + length), ClosedFor.Machine)), drawn =>
    {
        var (one, closed) = drawn;
        var before = Around(one.Zone, one.Day, one.Pattern).Shifts();
        var after = (Around(one.Zone, one.Day, one.Pattern) with { Closed = [closed] }).Shifts();
        var lost = CalendarDiff.Between(before, after).Lost;
        Assert.Empty(CalendarDiff.Between(before, after).Gained);
        var (from, to) = (RunCalendar.ToUtc(closed.From, one.Zone), RunCalendar.ToUtc(closed.To, one.Zone));
        Assert.All(after, shift => Assert.True(shift.End <= from || to <= shift.Start));
        // By the wall clock: a closure in the skipped time alone touches no instant but the shifts that are written over it.
        Assert.All(lost, shift => Assert.True((from < shift.End && shift.Start < to) || one.Zone.IsInvalidTime(closed.From) || one.Zone.IsInvalidTime(closed.To)
            || one.Zone.IsInvalidTime(closed.To.AddTicks(-1))
            || one.Zone.IsAmbiguousTime(closed.To) || one.Zone.IsAmbiguousTime(closed.From)));
    });

    [Fact]
    public void Are_told_over_a_change_without_gap_or_overlap() => Holds(Cases(), one =>
    {
        var calendar = Around(one.Zone, one.Day, one.Pattern) with { RunPeriods = [new(one.Day.AddDays(-2), one.Day.AddDays(1))] };
        var (from, to) = (RunCalendar.ToUtc(one.Day.AddDays(-3), one.Zone), RunCalendar.ToUtc(one.Day.AddDays(3), one.Zone));
        var intervals = ReadBeamtime.Intervals(calendar, from, to, (_, _) => null);
        Assert.Equal((from, to), (intervals[0].Start, intervals[^1].End));
        Assert.All(intervals.Zip(intervals.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start));
        Assert.Equal(calendar.ShiftsBetween(from, to).Aggregate(TimeSpan.Zero, (sum, shift) => sum + (shift.End - shift.Start)),
            intervals.Where(interval => interval.Open).Aggregate(TimeSpan.Zero, (sum, interval) => sum + (interval.End - interval.Start)));
    });

    [Fact]
    public void Are_exported_with_instants_and_a_clock_that_every_program_understands() => Holds(Cases(), one =>
    {
        var calendar = Around(one.Zone, one.Day, one.Pattern)
            with { Closed = [new(one.Day.AddHours(1), one.Day.AddHours(4), ClosedFor.Machine, "Machine"),
            new(one.Day.AddDays(1), one.Day.AddDays(2), ClosedFor.Maintenance)] };
        var (from, to) = (RunCalendar.ToUtc(one.Day.AddDays(-5), one.Zone), RunCalendar.ToUtc(one.Day.AddDays(6), one.Zone));
        var text = CalendarFile.Write("x", "X", calendar, 3, from, from, to, FileParts.Shifts | FileParts.Runs | FileParts.Closures);
        var file = Assert.Single(Ical.Net.Calendar.Load<Ical.Net.Calendar>(text));

        var open = file.Events.Where(entry => entry.Categories.Contains(CalendarFile.ShiftCategory)).OrderBy(entry => entry.Start).ToList();
        Assert.Equal(calendar.ShiftsBetween(from, to).Select(shift => (shift.Start.UtcDateTime, shift.End.UtcDateTime)),
            open.Select(entry => (entry.Start?.AsUtc ?? default, entry.End?.AsUtc ?? default)));
        Assert.Equal(file.Events.Count, file.Events.Select(entry => entry.Uid).Distinct().Count());
        Assert.Equal(text, CalendarFile.Write("x", "X", calendar, 3, from, from, to, FileParts.Shifts | FileParts.Runs | FileParts.Closures));

        // By the clock in the file, read as RFC 5545 says (the last onset at or before a time tells its offset), the closure is where it should be.
        var machine = Assert.Single(file.Events, entry => entry.Categories.Contains("machine"));
        var onsets = file.TimeZones.Single().TimeZoneInfos.Select(onset => (At: onset.Start?.Value ?? default, onset.OffsetTo)).OrderBy(onset => onset.At)
            .ToList();
        foreach (var (told, written) in new[] { (machine.Start, one.Day.AddHours(1)), (machine.End, one.Day.AddHours(4)) })
        {
            Assert.NotNull(told);
            var expected = RunCalendar.ToUtc(written, one.Zone).UtcDateTime;
            if (told.IsUtc) Assert.Equal(expected, told.Value);
            else if (one.Zone.IsAmbiguousTime(written)) Assert.Equal(written, told.Value);
            else Assert.Equal(expected,
                told.Value - (onsets.FindLast(onset => onset.At <= told.Value).OffsetTo?.Offset ?? throw new InvalidDataException("An onset without offset.")));
        }
    }, 150);

    [Fact]
    public void Come_back_from_a_file_as_they_went_and_in_utc_never_shorter_than_a_closure_nor_longer_than_a_run() => Holds(
        from one in Cases() from start in Gen.Choose(-400, 1200) from length in Gen
            .Choose(15, 900) select (one.Zone, one.Day, From: one.Day.AddMinutes(start), Minutes: length), one =>
    {
        var (from, to) = (RunCalendar.ToUtc(one.From, one.Zone), RunCalendar.ToUtc(one.From, one.Zone).AddMinutes(one.Minutes));
        var text = $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20270101T000000Z\r\nDTSTART:{from.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}\r\nDTEND:{to.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        var within = new LocalInterval(one.Day.AddDays(-10), one.Day.AddDays(10));
        var wide = Assert.Single(CalendarFileReader.Read(text, one.Zone, within, outward: true).Entries).Time;
        Assert.True(RunCalendar.ToUtc(wide.From, one.Zone) <= from && to <= RunCalendar.ToUtc(wide.To, one.Zone));
        Assert.All(CalendarFileReader.Read(text, one.Zone, within, outward: false).Entries, narrow =>
            Assert.True(from <= RunCalendar.ToUtc(narrow.Time.From, one.Zone) && RunCalendar.ToUtc(narrow.Time.To, one.Zone) <= to));
        if (!one.Zone.IsAmbiguousTime(wide.From) && !one.Zone.IsAmbiguousTime(wide.To) && !one.Zone.IsAmbiguousTime(wide.To.AddMinutes(-1)))
            Assert.Equal((from, to), (RunCalendar.ToUtc(wide.From, one.Zone), RunCalendar.ToUtc(wide.To, one.Zone)));
    });
}
