using System.Text.Json;
using Tutti.Scheduling.Calendars;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.Scheduling.Tests;

/// <summary>Calendars that are proposed from operating patterns, for every site and instrument of the shared catalogue.</summary>
[Trait("engine", "any")]
public sealed class A_half_year
{
    private static readonly Dictionary<string, string> zones = new()
    {
        ["AT"] = "Europe/Vienna", ["CZ"] = "Europe/Prague", ["HR"] = "Europe/Zagreb", ["HU"] = "Europe/Budapest", ["IT"] = "Europe/Rome",
            ["PL"] = "Europe/Warsaw", ["RO"] = "Europe/Bucharest", ["SI"] = "Europe/Ljubljana",
    };

    private static RunCalendar Whole(OperatingPattern pattern, int year, string zone = "Europe/Rome", string? country = "IT")
    {
        var second = new HalfYear(year, 2);
        return new HalfYear(year, 1).Propose(pattern, zone, country).With(second.Time, second.Propose(pattern, zone, country));
    }

    private static List<(string Instrument, string Site, string Country, string Kind)> Catalogue()
    {
        var path = SharedFolder.File("data", "catalogue.json");
        if (path is null) Assert.Skip("The shared catalogue is not here (TUTTI_SHARED).");
        using var catalogue = JsonDocument.Parse(File.ReadAllText(path));
        var sites = catalogue.RootElement.GetProperty("sites").EnumerateArray()
            .ToDictionary(site => site.GetProperty("code").GetString() ?? "",
            site => (Country: site.GetProperty("country").GetString() ?? "", Kind: site.GetProperty("kind").GetString() ?? ""));
        return [.. catalogue.RootElement.GetProperty("instruments").EnumerateArray().Where(one => one.GetProperty("site").ValueKind == JsonValueKind.String)
            .Select(one => (one.GetProperty("code").GetString() ?? "", one.GetProperty("site").GetString() ?? "",
                sites[one.GetProperty("site").GetString() ?? ""].Country, sites[one.GetProperty("site").GetString() ?? ""].Kind))];
    }

    [Fact]
    public void Is_proposed_for_every_instrument_of_the_catalogue_the_same_each_time_and_without_a_single_error()
    {
        var instruments = Catalogue();
        Assert.Equal(48, instruments.Count); // fifty, two of them candidates without a site
        foreach (var (instrument, _, country, kind) in instruments)
            for (var year = 2026; year <= 2030; year++)
                foreach (var half in new[] { new HalfYear(year, 1), new HalfYear(year, 2) })
                {
                    var calendar = half.Propose(OperatingPattern.Of(kind), zones[country], country);
                    Assert.True(calendar.Validate() is [], $"{instrument} {half}: {string.Join(", ", calendar.Validate())}");
                    var zone = TimeZoneInfo.FindSystemTimeZoneById(zones[country]);
                    var shifts = calendar.Shifts();
                    Assert.InRange(shifts.Count, 90, 460);
                    Assert.True(RunCalendar.ToUtc(half.Time.From, zone) <= shifts[0].Start && shifts[^1].End <= RunCalendar.ToUtc(half.Time.To, zone));
                    Assert.All(shifts.Zip(shifts.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start));
                    if (calendar.HolidayCountry is not null)
                    {
                        var holidays = PublicHolidays.Between(country, new(year, 1, 1), new(year + 1, 1, 1)).Select(holiday => holiday.Date).ToHashSet();
                        Assert.DoesNotContain(shifts, shift => holidays.Contains(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(shift.Start, zone).DateTime)));
                    }
                    Assert.Equal(JsonSerializer.Serialize(calendar, Json.Stored),
                        JsonSerializer.Serialize(half.Propose(OperatingPattern.Of(kind), zones[country], country), Json.Stored));
                }
    }

    [Theory]
    [InlineData("synchrotron")]
    [InlineData("reactor")]
    [InlineData("accelerator")]
    [InlineData("laboratory")]
    [InlineData("something new")]
    [InlineData(null)]
    public void Starts_from_a_pattern_that_makes_sense_for_every_kind_of_site(string? kind) => Assert.Empty(OperatingPattern.Of(kind).Validate());

    [Theory]
    [InlineData(2026)]
    [InlineData(2027)]
    [InlineData(2028)]
    [InlineData(2029)]
    [InlineData(2030)]
    public void Of_a_reactor_gives_160_days_a_year_in_cycles_of_four_with_the_weekends_off(int year)
    {
        var calendar = Whole(OperatingPattern.Of("reactor"), year, "Europe/Budapest", "HU");
        var shifts = calendar.Shifts();
        Assert.Equal(160 * 3, shifts.Count);
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Budapest");
        Assert.DoesNotContain(shifts, shift => TimeZoneInfo.ConvertTime(shift.Start, zone).DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday);
        Assert.Equal(40, calendar.RunPeriods.Select(run => run.Name).Distinct().Count());
        Assert.DoesNotContain(calendar.RunPeriods, run => calendar.Closed.Any(closed => closed.Meets(run)));
        // Spread: no standstill but the shutdowns is longer than two weeks.
        Assert.All(calendar.RunPeriods.Zip(calendar.RunPeriods.Skip(1)),
            pair => Assert.True(pair.Second.From - pair.First.To < TimeSpan.FromDays(17)
            || calendar.Closed.Any(closed => closed.Meets(new(pair.First.To, pair.Second.From)))));
    }

    [Fact]
    public void Of_a_synchrotron_has_runs_machine_days_maintenance_and_shutdowns()
    {
        var calendar = new HalfYear(2027, 2).Propose(OperatingPattern.Of("synchrotron"), "Europe/Rome", "IT");
        Assert.Null(calendar.HolidayCountry); // the machine runs over holidays
        Assert.All(calendar.RunPeriods, run => Assert.InRange((run.To - run.From).TotalDays, 1, 49));
        var machine = calendar.Closed.Where(closed => closed.Reason == ClosedFor.Machine).ToList();
        Assert.All(machine,
            closed => Assert.Equal((DayOfWeek.Tuesday, 8, 24), (closed.From.DayOfWeek, closed.From.Hour, (int)(closed.To - closed.From).TotalHours)));
        Assert.InRange(machine.Count, 15, 23);
        Assert.Contains(calendar.Closed, closed => closed.Note == "Summer shutdown" && closed.From == new DateTime(2027, 8, 1)
            && closed.To == new DateTime(2027, 8, 22));
        Assert.Contains(calendar.Closed, closed => closed.Note == "Winter shutdown" && closed.To == new DateTime(2028, 1, 1));
        Assert.DoesNotContain(calendar.Shifts(), shift => shift.Label.StartsWith("2027-08-1", StringComparison.Ordinal));
        // A quarter of the beam is the site's: 20 % in-house and 5 % commissioning.
        var budget = calendar.BudgetBetween(new(2027, 7, 1, 0, 0, 0, TimeSpan.Zero), new(2028, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.InRange(budget.UserQuota, (budget.WithBeam * 75 / 100) - 2, budget.WithBeam * 75 / 100);
        // The shutdown that began in the old year goes on in the new one.
        var next = new HalfYear(2028, 1).Propose(OperatingPattern.Of("synchrotron"), "Europe/Rome", "IT");
        Assert.Contains(next.Closed, closed => closed.Note == "Winter shutdown" && closed.From == new DateTime(2028, 1, 1)
            && closed.To == new DateTime(2028, 1, 10));
    }

    [Fact]
    public void Of_a_laboratory_has_laboratory_days_from_monday_to_friday_without_holidays()
    {
        var shifts = new HalfYear(2027, 1).Propose(OperatingPattern.Of("laboratory"), "Europe/Ljubljana", "SI").Shifts();
        Assert.All(shifts, shift => Assert.EndsWith("08:00-16:00", shift.Label, StringComparison.Ordinal));
        var days = shifts.Select(shift => DateOnly.ParseExact(shift.Label[..10], "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.DoesNotContain(days, day => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday);
        Assert.DoesNotContain(new DateOnly(2027, 2, 8), days);
        // 129 weekdays; 1 January (closed anyway), 8 February, 29 March, 27 April and 25 June fall on one of them.
        Assert.Equal(129 - 5, days.Count);
    }

    [Fact]
    public void And_the_other_half_are_the_year()
    {
        var pattern = OperatingPattern.Of("synchrotron") with { EveryYear = [], EveryWeeks = [], Runs = new RunRhythm(9, 0) };
        var shifts = Whole(pattern, 2027).Shifts();
        Assert.Equal("2027-01-04 00:00-08:00", shifts[0].Label);
        Assert.Equal("2027-12-31 16:00-00:00", shifts[^1].Label);
        Assert.All(shifts.Zip(shifts.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start));
    }

    [Fact]
    public void Counts_rules_of_several_weeks_through_the_year()
    {
        var pattern = new OperatingPattern { EveryWeeks = [new(ClosedFor.Maintenance, DayOfWeek.Wednesday, new(6, 0), 10, 4, "Cold heads")] };
        var closed = Whole(pattern, 2027).Closed;
        Assert.Equal(new DateTime(2027, 1, 6, 6, 0, 0), closed[0].From);
        Assert.Equal(13, closed.Count);
        Assert.All(closed.Zip(closed.Skip(1)), pair => Assert.Equal(28, (pair.Second.From - pair.First.From).TotalDays));
    }

    [Fact]
    public void Lets_users_begin_where_the_pattern_says()
    {
        var pattern = OperatingPattern.Of("synchrotron") with { Shifts = ShiftPattern.ThreeOfEightHours with { UserStarts = [new(8, 0)] } };
        Assert.Empty(pattern.Validate());
        var shifts = Whole(pattern, 2027).Shifts();
        Assert.All(shifts, shift => Assert.Equal(shift.Label.EndsWith("08:00-16:00", StringComparison.Ordinal), shift.MayStart));
        Assert.All(Whole(OperatingPattern.Of("synchrotron"), 2027).Shifts(), shift => Assert.True(shift.MayStart));
    }

    public static TheoryData<string, OperatingPattern> Nonsense() => new()
    {
        { "user-starts-unknown", new() { Shifts = ShiftPattern.ThreeOfEightHours with { UserStarts = [new(8, 0), new(9, 0)] } } },
        { "user-starts-count", new() { Shifts = ShiftPattern.ThreeOfEightHours with { UserStarts = [] } } },
        { "user-starts-count", new() { Shifts = ShiftPattern.ThreeOfEightHours with { UserStarts = [new(8, 0), new(8, 0), new(8, 0), new(8, 0)] } } },
        { "runs-out-of-range", new() { Runs = new(0, 1) } },
        { "runs-and-reactor", new() { Runs = new(4, 1), Reactor = new(4, 7, 160) } },
        { "reactor-days-out-of-range", new() { Reactor = new(4, 7, 400) } },
        { "reactor-effective-days-out-of-range", new() { Reactor = new(0, 7, 160) } },
        { "reactor-cycles-overlap", new() { Reactor = new(4, 3, 160) } },
        { "weekly-closure", new() { EveryWeeks = [new(ClosedFor.Machine, DayOfWeek.Monday, new(8, 0), 0)] } },
        { "weekly-closure", new() { EveryWeeks = [new(ClosedFor.NoRun, DayOfWeek.Monday, new(8, 0), 8)] } },
        { "yearly-closure", new() { EveryYear = [new(ClosedFor.Closure, 2, 30, 3, 1)] } },
        { "yearly-closure", new() { EveryYear = [new(ClosedFor.Closure, 2, 1, 2, 1)] } },
        { "shares", new() { Shares = [new(ClosedFor.InHouse, 101)] } },
        { "not-quarter-hours", new() { Shifts = new([new(8, 10)], TimeSpan.FromHours(8)) } },
        { "not-quarter-hours", new() { Shifts = new([new(8, 0)], TimeSpan.FromMinutes(50)) } },
        { "shift-starts-count", new() { Shifts = new([], TimeSpan.FromHours(8)) } },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void Is_not_proposed_from_a_pattern_that_makes_no_sense(string code, OperatingPattern pattern) =>
        Assert.Contains(pattern.Validate(), error => error.Code == code);
}
