using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling;
using Tutti.Scheduling.Calendars;
using Tutti.Testing;

namespace Tutti.AllInOne.Tests;

/// <summary>From the couplings of the catalogue, by events, into Scheduling and the plan.</summary>
public sealed class What_instruments_share(WholeProcess process) : IClassFixture<WholeProcess>
{
    private Task<T> ReadAsync<T>(Func<SchedulingDb, Task<T>> read) => process.ReadAsync(read);

    private Task HeardOfAllAsync() =>
        Poll.UntilAsync(stop =>
        ReadAsync(async db => await db.Instruments.CountAsync(x => x.Revision > 0, stop) == 50 && await db.Sites.CountAsync(stop) == 8), PlansOfTheProcess.Patience,
        () => "Scheduling knows 50 instruments at 8 sites");

    [Fact]
    public async Task Is_known_to_scheduling_as_the_catalogue_tells_it()
    {
        await HeardOfAllAsync();
        var told = await process.CreateClient().GetFromJsonAsync<JsonElement>("/api/catalogue/couplings");
        Dictionary<string, List<string>> expected = [];
        var oneAtATime = 0;
        foreach (var coupling in told.EnumerateArray().Where(coupling => coupling.GetProperty("additions").GetProperty("oneAtATime").GetBoolean()))
        {
            oneAtATime++;
            var members = coupling.GetProperty("record").GetProperty("members").EnumerateArray().Select(member => (member.GetString() ?? "").Split('/')[0])
                .Distinct().ToList();
            if (members.Count > 1)
                foreach (var member in members) (expected.TryGetValue(member, out var sources) ? sources : expected[member] = [])
                    .Add(coupling.GetProperty("code").GetString() ?? "");
        }
        Assert.Equal(2, oneAtATime); // the undulator, and the mirror, whose branches are one instrument
        Assert.Equal(["elettra-escamicroscopy", "elettra-superesca"], expected.Keys.Order(StringComparer.Ordinal));
        var known = await ReadAsync(db => db.Instruments.AsNoTracking().ToListAsync());
        Assert.All(known, one => Assert.Equal(expected.GetValueOrDefault(one.Code, []), one.SharedSources));
    }

    [Fact]
    public async Task Keeps_two_instruments_on_one_undulator_from_running_at_once_in_a_plan()
    {
        await HeardOfAllAsync();
        string[] coupled = ["elettra-escamicroscopy", "elettra-superesca"];
        const string free = "elettra-xafs";
        // Twelve shifts in the run; nine of one and six of the other do not fit beside each other, six and six do; the third instrument is free.
        var asked = new[] { (coupled[0], 9), (coupled[1], 6), (coupled[1], 3), (free, 9) };
        var entries = (await process.PlanAsync(4, [.. asked.Select(one => PlansOfTheProcess.Experiment(one.Item1, one.Item2))])).Entries;
        Assert.Equal([("elettra-escamicroscopy", 9), ("elettra-superesca", 3), (free, 9)],
            entries.Where(entry => entry.IsPlaced).Select(entry => (entry.InstrumentCode, entry.Shifts.Count)).Order());
        var undulator = entries.Where(entry => entry.IsPlaced && coupled.Contains(entry.InstrumentCode)).OrderBy(entry => entry.From).ToList();
        Assert.True(undulator[0].To <= undulator[1].From);
        Assert.Contains(Assert.Single(entries, entry => !entry.IsPlaced).Reasons, reason => reason.Code == "source-busy");
    }

    [Fact]
    public async Task And_how_its_site_works_are_enough_to_propose_the_calendar_of_every_instrument_that_stands_somewhere()
    {
        await HeardOfAllAsync();
        var sites = await ReadAsync(db => db.Sites.AsNoTracking().ToDictionaryAsync(x => x.Code));
        var instruments = await ReadAsync(db => db.Instruments.AsNoTracking().Where(x => x.SiteCode != null).ToListAsync());
        Assert.Equal(48, instruments.Count);
        foreach (var instrument in instruments)
        {
            var site = sites[instrument.SiteCode ?? ""];
            Assert.True(PublicHolidays.Knows(site.Country));
            foreach (var half in new[] { 1, 2 })
            {
                var calendar = new HalfYear(2027, half).Propose(OperatingPattern.Of(site.Kind), site.TimeZone, site.Country);
                Assert.Empty(calendar.Validate());
                Assert.NotEmpty(calendar.Shifts());
            }
        }
    }
}
