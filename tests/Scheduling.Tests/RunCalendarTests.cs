using FsCheck;
using FsCheck.Fluent;
using Tutti.Scheduling.Calendars;

namespace Tutti.Scheduling.Tests;

[Trait("engine", "any")]
public sealed class A_run_calendar
{
    private static DateTimeOffset Utc(int year, int month, int day, int hour = 0) => new(year, month, day, hour, 0, 0, TimeSpan.Zero);

    private static RunCalendar Year(string zone, int year = 2027) =>
        new() { TimeZone = zone, RunPeriods = [new(new DateTime(year, 1, 1), new DateTime(year + 1, 1, 1))] };

    private static RunCalendar Days(DateTime from, DateTime to) => new() { TimeZone = "Europe/Rome", RunPeriods = [new(from, to)] };

    [Fact]
    public void Has_three_shifts_of_eight_hours_a_day_on_the_sites_own_clock()
    {
        var shifts = Days(new(2027, 1, 12), new(2027, 1, 13)).ShiftsBetween(Utc(2027, 1, 1), Utc(2027, 2, 1));
        Assert.Equal(
            [
                new Shift(Utc(2027, 1, 11, 23), Utc(2027, 1, 12, 7), "2027-01-12 00:00-08:00"),
                new Shift(Utc(2027, 1, 12, 7), Utc(2027, 1, 12, 15), "2027-01-12 08:00-16:00"),
                new Shift(Utc(2027, 1, 12, 15), Utc(2027, 1, 12, 23), "2027-01-12 16:00-00:00"),
            ],
            shifts);
    }

    [Theory]
    [InlineData("Europe/Rome")]
    [InlineData("Europe/Ljubljana")]
    [InlineData("Europe/Budapest")]
    public void Has_a_night_shift_of_seven_hours_when_the_clocks_go_forward(string zone)
    {
        var shifts = Year(zone).ShiftsBetween(Utc(2027, 3, 27, 23), Utc(2027, 3, 28, 22));
        Assert.Equal([Utc(2027, 3, 27, 23), Utc(2027, 3, 28, 6), Utc(2027, 3, 28, 14)], shifts.Select(shift => shift.Start));
        Assert.Equal([7.0, 8.0, 8.0], shifts.Select(shift => (shift.End - shift.Start).TotalHours));
        Assert.Equal("2027-03-28 00:00-08:00", shifts[0].Label);
    }

    [Theory]
    [InlineData("Europe/Rome")]
    [InlineData("Europe/Ljubljana")]
    [InlineData("Europe/Budapest")]
    public void Has_a_night_shift_of_nine_hours_when_the_clocks_go_back(string zone)
    {
        var shifts = Year(zone).ShiftsBetween(Utc(2027, 10, 30, 22), Utc(2027, 10, 31, 23));
        Assert.Equal([Utc(2027, 10, 30, 22), Utc(2027, 10, 31, 7), Utc(2027, 10, 31, 15)], shifts.Select(shift => shift.Start));
        Assert.Equal([9.0, 8.0, 8.0], shifts.Select(shift => (shift.End - shift.Start).TotalHours));
    }

    [Fact]
    public void Puts_a_boundary_in_the_skipped_hour_on_the_instant_of_the_change_and_one_in_the_repeated_hour_on_its_first_pass()
    {
        var rome = TimeZoneInfo.FindSystemTimeZoneById("Europe/Rome");
        Assert.Equal(Utc(2027, 3, 28, 1), RunCalendar.ToUtc(new(2027, 3, 28, 2, 30, 0), rome));
        Assert.Equal(Utc(2027, 10, 31, 0).AddMinutes(30), RunCalendar.ToUtc(new(2027, 10, 31, 2, 30, 0), rome));
    }

    [Fact]
    public void Leaves_out_a_shift_that_lies_wholly_in_the_skipped_hour()
    {
        var calendar = Year("Europe/Rome") with { Pattern = new([.. Enumerable.Range(0, 24).Select(hour => new TimeOnly(hour, 0))], TimeSpan.FromHours(1)) };
        var shifts = calendar.ShiftsBetween(Utc(2027, 3, 27, 23), Utc(2027, 3, 28, 22));
        Assert.Equal(23, shifts.Count);
        Assert.All(shifts, shift => Assert.Equal(1, (shift.End - shift.Start).TotalHours));
    }

    /// <summary>Zones that change at two, at one, at midnight, by half an hour, in the other half of the year, and never.</summary>
    [Fact]
    public void Never_has_overlapping_shifts_and_no_gaps_in_a_run_in_any_time_zone_pattern_or_year()
    {
        string[] zones = ["Europe/Rome", "Europe/Ljubljana", "Europe/Budapest", "Europe/Lisbon", "Africa/Cairo", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu"];
        var cases =
            from zone in Gen.Elements(zones)
            from year in Gen.Choose(2010, 2036)
            from count in Gen.Elements(1, 2, 3, 4, 6, 8, 12, 24)
            from minute in Gen.Choose(0, 3)
            select (zone, year, count, minute);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150), Prop.ForAll(cases.ToArbitrary(), one =>
        {
            var length = 24 / one.count;
            var starts = Enumerable.Range(0, one.count).Select(i => new TimeOnly(i * length, one.minute * 15)).ToArray();
            var calendar = Year(one.zone, one.year) with { Pattern = new(starts, TimeSpan.FromHours(length)) };
            var shifts = calendar.ShiftsBetween(Utc(one.year, 1, 3), Utc(one.year, 12, 29));
            Assert.True(shifts.Count >= 350 * one.count);
            Assert.All(shifts, shift => Assert.True(shift.Start < shift.End));
            Assert.All(shifts.Zip(shifts.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start));
            Assert.All(shifts, shift => Assert.InRange((shift.End - shift.Start).TotalHours, length == 1 ? 0.25 : length - 1, length + 1));
        }));
    }

    [Fact]
    public void Has_no_shifts_at_the_weekend_where_the_week_says_so()
    {
        var calendar = Year("Europe/Ljubljana") with { Week = [new(DayOfWeek.Monday, new(0, 0), DayOfWeek.Saturday, new(0, 0))] };
        var shifts = calendar.ShiftsBetween(Utc(2027, 2, 1), Utc(2027, 3, 1));
        Assert.Equal(4 * 5 * 3, shifts.Count + 1); // the first night shift began on Sunday evening UTC, before the asked interval
        Assert.DoesNotContain(shifts, shift => shift.Label.StartsWith("2027-02-06", StringComparison.Ordinal)
            || shift.Label.StartsWith("2027-02-07", StringComparison.Ordinal));
    }

    [Fact]
    public void Joins_weekly_windows_that_touch_and_lets_one_pass_the_end_of_the_week()
    {
        var calendar = Days(new(2027, 2, 1), new(2027, 3, 1)) with
        {
            Pattern = new([new TimeOnly(20, 0)], TimeSpan.FromHours(12)),
            Week = [new(DayOfWeek.Saturday, new(0, 0), DayOfWeek.Monday, new(0, 0)), new(DayOfWeek.Monday, new(0, 0), DayOfWeek.Monday, new(8, 0))],
        };
        var labels = calendar.ShiftsBetween(Utc(2027, 2, 5), Utc(2027, 2, 10)).Select(shift => shift.Label);
        Assert.Equal(["2027-02-06 20:00-08:00", "2027-02-07 20:00-08:00"], labels);
    }

    [Fact]
    public void Closes_every_shift_that_a_closure_touches()
    {
        var calendar = Days(new(2027, 2, 1), new(2027, 2, 3)) with { Closed = [new(new(2027, 2, 1, 10, 0, 0), new(2027, 2, 2, 0, 0, 0))] };
        var labels = calendar.ShiftsBetween(Utc(2027, 1, 1), Utc(2027, 3, 1)).Select(shift => shift.Label);
        Assert.Equal(["2027-02-01 00:00-08:00", "2027-02-02 00:00-08:00", "2027-02-02 08:00-16:00", "2027-02-02 16:00-00:00"], labels);
    }

    [Fact]
    public void Has_only_shifts_that_lie_wholly_in_a_run_where_runs_that_touch_are_one()
    {
        var calendar = Days(new(2027, 2, 1, 4, 0, 0), new(2027, 2, 1, 12, 0, 0)) with { };
        Assert.Empty(calendar.ShiftsBetween(Utc(2027, 1, 1), Utc(2027, 3, 1)));
        calendar = calendar with { RunPeriods = [.. calendar.RunPeriods, new(new(2027, 2, 1, 12, 0, 0), new(2027, 2, 1, 20, 0, 0))] };
        Assert.Equal(["2027-02-01 08:00-16:00"], calendar.ShiftsBetween(Utc(2027, 1, 1), Utc(2027, 3, 1)).Select(shift => shift.Label));
    }

    [Fact]
    public void Gives_160_reactor_days_in_40_cycles_of_four_effective_days()
    {
        var calendar = new RunCalendar { TimeZone = "Europe/Budapest", Reactor = new(new DateTime(2027, 1, 11), 4, 7, 40) };
        var shifts = calendar.ShiftsBetween(Utc(2027, 1, 1), Utc(2027, 12, 31));
        Assert.Equal(160 * 3, shifts.Count);
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Budapest");
        Assert.All(shifts, shift => Assert.InRange(TimeZoneInfo.ConvertTime(shift.Start, zone).DayOfWeek, DayOfWeek.Monday, DayOfWeek.Thursday));
    }

    [Fact]
    public void Stops_a_reactor_cycle_over_the_weekend_and_goes_on_after_it()
    {
        var calendar = new RunCalendar { TimeZone = "Europe/Budapest", Reactor = new(new DateTime(2027, 1, 14, 8, 0, 0), 4, 14, 1) };
        var shifts = calendar.ShiftsBetween(Utc(2027, 1, 1), Utc(2027, 12, 31));
        Assert.Equal(12, shifts.Count);
        Assert.Equal("2027-01-15 16:00-00:00", shifts[4].Label);
        Assert.Equal("2027-01-18 00:00-08:00", shifts[5].Label);
        Assert.Equal("2027-01-20 00:00-08:00", shifts[^1].Label);
    }

    [Fact]
    public void Tells_every_reason_for_which_a_shift_is_closed_and_what_the_site_says_of_it()
    {
        var calendar = Days(new(2027, 4, 19), new(2027, 4, 26)) with
        {
            HolidayCountry = "IT",
            Week = [new(DayOfWeek.Monday, new(0, 0), DayOfWeek.Saturday, new(0, 0))],
            Closed =
            [
                new(new(2027, 4, 20, 8, 0, 0), new(2027, 4, 20, 12, 0, 0), ClosedFor.Machine, "Machine day"),
                    new(new(2027, 4, 20, 9, 0, 0), new(2027, 4, 20, 10, 0, 0), ClosedFor.Maintenance, "Valve"),
                new(new(2027, 4, 22), new(2027, 4, 23), ClosedFor.InHouse),
            ],
        };
        var slots = calendar.SlotsBetween(Utc(2027, 4, 17, 22), Utc(2027, 4, 26, 22)).ToDictionary(slot => slot.Label[..13]);
        Assert.Equal(9 * 3, slots.Count);
        Assert.Equal([ClosedFor.NoRun, ClosedFor.OutsideHours], slots["2027-04-18 16"].Reasons);
        Assert.True(slots["2027-04-20 00"].IsOpen);
        Assert.Equal([ClosedFor.Maintenance, ClosedFor.Machine], slots["2027-04-20 08"].Reasons);
        Assert.Equal(["Machine day", "Valve"], slots["2027-04-20 08"].Notes);
        Assert.Equal((false, true), (slots["2027-04-22 08"].IsOpen, slots["2027-04-22 08"].HasBeam));
        Assert.Equal([ClosedFor.OutsideHours, ClosedFor.Holiday], slots["2027-04-25 08"].Reasons);
        Assert.Equal(["Liberation Day"], slots["2027-04-25 08"].Notes);
        Assert.Equal([ClosedFor.NoRun], slots["2027-04-26 00"].Reasons);
        Assert.Equal(slots.Values.Where(slot => slot.IsOpen).Select(slot => slot.Label), calendar.ShiftsBetween(Utc(2027, 4, 17, 22), Utc(2027, 4, 26, 22))
            .Select(shift => shift.Label));
    }

    [Fact]
    public void Leaves_users_what_neither_shares_nor_shifts_set_aside_take()
    {
        var calendar = Days(new(2027, 2, 1), new(2027, 2, 11)); // 30 shifts
        ShiftBudget Of(RunCalendar one) => one.BudgetBetween(Utc(2027, 1, 1), Utc(2027, 3, 1));
        Assert.Equal(new(30, 30, 30), Of(calendar));
        calendar = calendar with { Shares = [new(ClosedFor.InHouse, 21), new(ClosedFor.Commissioning, 5)] };
        Assert.Equal(new(30, 30, 30 - 7 - 2), Of(calendar)); // 6.3 and 1.5, rounded up
        calendar = calendar with { Closed = [new(new(2027, 2, 1), new(2027, 2, 2), ClosedFor.InHouse)] };
        Assert.Equal(new(30, 27, 30 - 7 - 2), Of(calendar)); // the three named ones are part of the seven
        calendar = calendar with { Closed = [new(new(2027, 2, 1), new(2027, 2, 4), ClosedFor.InHouse),
            new(new(2027, 2, 4), new(2027, 2, 5), ClosedFor.Maintenance)] };
        Assert.Equal(new(27, 18, 27 - 9 - 2), Of(calendar)); // nine are more than the share asks
    }

    /// <summary>Users' quota is never more than what is open, and nobody loses more than the shares and the shifts set aside.</summary>
    [Fact]
    public void Gives_a_quota_between_none_and_all_open_shifts_whatever_is_set_aside()
    {
        var cases = from inHouse in Gen.Choose(0, 60) from commissioning in Gen.Choose(0, 40) from days in Gen.Choose(1, 40) from start in Gen
            .Choose(0, 39) from length in Gen.Choose(1, 30)
                    from reason in Gen.Elements(ClosedFor.InHouse, ClosedFor.Commissioning, ClosedFor.Machine)
                    select (inHouse, commissioning, days, start, length, reason);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(cases.ToArbitrary(), one =>
        {
            var first = new DateTime(2027, 2, 1);
            var calendar = Days(first, first.AddDays(one.days)) with
            {
                Shares = [new(ClosedFor.InHouse, one.inHouse), new(ClosedFor.Commissioning, one.commissioning)],
                Closed = [new(first.AddDays(one.start), first.AddDays(one.start + one.length), one.reason)],
            };
            var budget = calendar.BudgetBetween(Utc(2027, 1, 1), Utc(2027, 5, 1));
            Assert.InRange(budget.UserQuota, 0, budget.Open);
            Assert.InRange(budget.Open, 0, budget.WithBeam);
            Assert.True(budget.UserQuota <= (budget.WithBeam * (100 - one.inHouse - one.commissioning) / 100.0) + 1e-9);
            Assert.True(budget.UserQuota >= budget.Open - Math.Ceiling(budget.WithBeam * one.inHouse / 100.0) - Math
                .Ceiling(budget.WithBeam * one.commissioning / 100.0));
        }));
    }

    [Fact]
    public void Keeps_runs_and_closures_outside_the_time_that_another_takes()
    {
        var year = Days(new(2027, 1, 1), new(2028, 1, 1))
            with { Closed = [new(new(2027, 6, 20), new(2027, 7, 10), ClosedFor.Maintenance, "Long"), new(new(2027, 8, 1), new(2027, 8, 2))] };
        var half = Days(new(2027, 6, 1), new(2027, 12, 1)) with { Closed = [new(new(2027, 9, 1), new(2027, 9, 2), ClosedFor.Machine)] };
        var together = year.With(new(new(2027, 7, 1), new(2028, 1, 1)), half);
        static string MonthDays(LocalInterval one) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{one.From:MM-dd}/{one.To:MM-dd}");
        Assert.Equal(["01-01/07-01", "07-01/12-01"], together.RunPeriods.Select(MonthDays));
        Assert.Equal(["06-20/07-01", "09-01/09-02"], together.Closed.Select(MonthDays));
        Assert.Empty(together.Validate());
        // Runs that touch are one: the night over the border is not lost with another pattern.
        var night = together with { Pattern = new([new TimeOnly(20, 0)], TimeSpan.FromHours(12)), Closed = [] };
        Assert.Contains(night.Shifts(), shift => shift.Label == "2027-06-30 20:00-08:00");
    }

    [Theory]
    [InlineData(6, 240)]
    [InlineData(2, 720)]
    [InlineData(1, 480)]
    public void Cuts_the_day_as_the_site_does(int shiftsADay, int minutes)
    {
        var starts = Enumerable.Range(0, shiftsADay).Select(i => new TimeOnly(0, 0).AddMinutes((shiftsADay == 1 ? 8 * 60 : 0) + (i * minutes))).ToList();
        var shifts = (Days(new(2027, 2, 1), new(2027, 2, 8)) with { Pattern = new(starts, TimeSpan.FromMinutes(minutes)) }).Shifts();
        Assert.Equal(7 * shiftsADay, shifts.Count);
        Assert.All(shifts, shift => Assert.Equal(minutes, (shift.End - shift.Start).TotalMinutes));
    }

    public static TheoryData<string, RunCalendar> Nonsense()
    {
        var good = Year("Europe/Rome");
        return new()
        {
            { "unknown-time-zone", good with { TimeZone = "Europe/Atlantis" } },
            { "unknown-time-zone", good with { TimeZone = "" } },
            { "no-run-period", good with { RunPeriods = [] } },
            { "run-period-empty", good with { RunPeriods = [new(new(2027, 2, 1), new(2027, 1, 1))] } },
            { "run-periods-overlap", good with { RunPeriods = [new(new(2027, 1, 1), new(2027, 3, 1)), new(new(2027, 2, 1), new(2027, 4, 1))] } },
            { "closure-empty", good with { Closed = [new(new(2027, 2, 1), new(2027, 2, 1))] } },
            { "date-out-of-range", good with { Closed = [new(new(1027, 2, 1), new(2027, 2, 1))] } },
            { "closure-reason", good with { Closed = [new(new(2027, 2, 1), new(2027, 2, 2), ClosedFor.NoRun)] } },
            { "holidays-unknown", good with { HolidayCountry = "XX" } },
            { "shares", good with { Shares = [new(ClosedFor.InHouse, 60), new(ClosedFor.Commissioning, 41)] } },
            { "shares", good with { Shares = [new(ClosedFor.InHouse, -1)] } },
            { "shares", good with { Shares = [new(ClosedFor.Machine, 10)] } },
            { "shares", good with { Shares = [new(ClosedFor.InHouse, 10), new(ClosedFor.InHouse, 10)] } },
            { "shift-starts-count", good with { Pattern = new([], TimeSpan.FromHours(8)) } },
            { "shift-length-out-of-range", good with { Pattern = new([new(0, 0)], TimeSpan.Zero) } },
            { "shifts-overlap", good with { Pattern = new([new(0, 0), new(6, 0)], TimeSpan.FromHours(8)) } },
            { "shifts-overlap", good with { Pattern = new([new(6, 0), new(23, 0)], TimeSpan.FromHours(8)) } },
            { "shift-starts-not-ascending", good with { Pattern = new([new(8, 0), new(0, 0)], TimeSpan.FromHours(8)) } },
            { "reactor-effective-days-out-of-range", good with { Reactor = new(new(2027, 1, 4), 0, 7, 10) } },
            { "reactor-distance-out-of-range", good with { Reactor = new(new(2027, 1, 4), 4, 0, 10) } },
            { "reactor-cycles-out-of-range", good with { Reactor = new(new(2027, 1, 4), 4, 7, -1) } },
            { "reactor-cycles-overlap", good with { Reactor = new(new(2027, 1, 4), 6, 7, 10) } },
            { "date-out-of-range", good with { Reactor = new(new(9999, 12, 31), 4, 7, 10) } },
        };
    }

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void Names_what_makes_no_sense_and_gives_no_shifts_then(string code, RunCalendar calendar)
    {
        Assert.Equal(code, Assert.Single(calendar.Validate()).Code);
        Assert.Throws<InvalidOperationException>(() => calendar.ShiftsBetween(Utc(2027, 1, 1), Utc(2027, 2, 1)));
    }
}
