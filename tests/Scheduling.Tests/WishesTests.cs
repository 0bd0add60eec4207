using System.Net;
using System.Net.Http.Json;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Proposals;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Staffing;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class An_experiment_for_any_instrument_of_its_technique(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private readonly string technique = $"t{Guid.CreateVersion7():N}";

    private async Task<string> OfAsync(string site, int days, string? other = null)
    {
        var code = $"{site}-{Guid.CreateVersion7():N}";
        await host.HearAsync(Instrument(code, site) with { Technique = other ?? technique });
        (await host.PutCalendarAsync(code, host.Calendar(days))).EnsureSuccessStatusCode();
        return code;
    }

    private async Task<(Guid Plan, ProposalAccepted First, ProposalAccepted Second)> PlannedAsync(ExperimentRequest first, ExperimentRequest second)
    {
        var call = Guid.CreateVersion7();
        var (one, two) = (host.Accepted(call, first) with { Grade = 90 }, host.Accepted(call, second) with { Grade = 60 });
        await host.HearAsync(one);
        await host.HearAsync(two);
        var plan = await host.PlanAsync(call);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        return (plan, one, two);
    }

    [Fact]
    public async Task Runs_where_there_is_room_is_promised_that_and_waits_for_its_own_instrument_again_when_it_is_taken_out()
    {
        string full = await OfAsync("elettra", 1), free = await OfAsync("bnc", 12), other = await OfAsync("bnc", 12, technique + "x");
        var (bound, any) = (Experiment(full), Experiment(full) with { AnyInstrument = true });
        var (plan, first, second) = await PlannedAsync(bound, any);
        Assert.Equal((full, free), ((await host.PlaceOfAsync(plan, bound.ExperimentId)).InstrumentCode, (await host.PlaceOfAsync(plan, any.ExperimentId)).InstrumentCode));

        // By hand too, and nobody else.
        var day = (await host.ReadAsync(db => Task.FromResult(db.Calendars.Single(x => x.InstrumentCode == free).Calendar.Shifts())))[0].Start;
        Assert.Equal(["instrument-not-eligible"], (await (await ToAsync(bound, free, day.AddDays(2))).ConflictsAsync("plan.impossible")).Keys);
        Assert.Contains("instrument-not-eligible", (await (await ToAsync(any, other, day)).ConflictsAsync("plan.impossible")).Keys);
        (await ToAsync(any, free, day.AddDays(8))).EnsureSuccessStatusCode();
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var told = (await host.SaidAsync<ExperimentScheduled>()).Single(one => one.ExperimentId == any.ExperimentId);
        Assert.Equal((free, day.AddDays(8)), (told.InstrumentCode, told.Shifts[0].Start));
        Assert.Equal(free, Assert.Single(await host.ExperimentsAsync(second.ProposalId, OtherStaff)).InstrumentCode);
        Assert.Empty(await host.ExperimentsAsync(first.ProposalId, OtherStaff));

        // The next round leaves it there, where it was promised; moved to its own instrument it would need shifts that are taken.
        (await host.ChangeAsync(plan, "removals", new { experiments = new[] { bound.ExperimentId }, reason = "Their sample is late" })).EnsureSuccessStatusCode();
        (await host.ChangeAsync(plan, "unlocks", new { experiments = new[] { bound.ExperimentId }, reason = "It is there" })).EnsureSuccessStatusCode();
        await host.RoundAsync(plan, 2);
        Assert.Equal((free, day.AddDays(8)), await host.PlaceOfAsync(plan, any.ExperimentId) is var stays ? (stays.InstrumentCode, stays.From) : default);
        Assert.Equal(["instrument-overlap"], (await (await ToAsync(any, full, (await host.PlaceOfAsync(plan, bound.ExperimentId)).From)).ConflictsAsync("plan.impossible")).Keys);
        (await host.ChangeAsync(plan, "removals", new { experiments = new[] { any.ExperimentId }, reason = "The team cannot come" })).EnsureSuccessStatusCode();
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        Assert.Equal((full, ExperimentStatus.Granted), Assert.Single(await host.ExperimentsAsync(second.ProposalId)) is var waits ? (waits.InstrumentCode, waits.Status) : default);

        Task<HttpResponseMessage> ToAsync(ExperimentRequest one, string instrument, DateTimeOffset from) =>
            host.ChangeAsync(plan, "moves", new { experimentId = one.ExperimentId, instrumentCode = instrument, blocks = new[] { new { from, shifts = 3 } }, reason = "There is room" });
    }

    [Fact]
    public async Task Goes_only_where_the_cell_that_it_needs_can_be_used()
    {
        string full = await OfAsync("elettra", 1), free = await OfAsync("elettra", 4), design = $"cell-{technique}";
        foreach (var cell in new[] { 1, 2 })
            await host.HearAsync(new CellPublished { CellCode = $"{design}-{cell}", Revision = 1, CellDesignCode = design, Lendable = true, HomeSite = "elettra", InstrumentCodes = [full], BeforeHours = 0, AfterHours = 0, ShippingHours = 0 });
        var (bound, any) = (Experiment(full), Experiment(full, cell: design) with { AnyInstrument = true });
        var (plan, _, _) = await PlannedAsync(bound, any);
        Assert.Equal((full, "instrument-full"), Assert.Single((await host.ReadPlanAsync(plan)).Unplaced) is var left ? (left.InstrumentCode, left.Reasons[0].Code) : default);

        await host.HearAsync(new CellPublished { CellCode = $"{design}-1", Revision = 2, CellDesignCode = design, Lendable = true, HomeSite = "elettra", InstrumentCodes = [full, free], BeforeHours = 0, AfterHours = 0, ShippingHours = 0 });
        (await host.ChangeAsync(plan, "rounds", new { reason = "A cell fits there now" })).EnsureSuccessStatusCode();
        var asked = Assert.Single(await host.AskedAsync(plan, 1));
        Assert.Equal((free, any.ExperimentId), (asked.InstrumentCode, asked.ExperimentId));
    }
}

public sealed class Experiments_that_their_team_ties_together(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task All_have_a_place_or_none_and_by_hand_that_is_a_conflict_to_be_forced()
    {
        string main = $"elettra-{Guid.CreateVersion7():N}", narrow = await host.InstrumentAsync("elettra", 1), wide = await host.InstrumentAsync("elettra", 6);
        // Late, so that its team is free before.
        await host.HearAsync(Instrument(main, "elettra"));
        (await host.PutCalendarAsync(main, new { reason = "Run as agreed", runPeriods = new[] { new { from = host.Day(8), to = host.Day(12) } } })).EnsureSuccessStatusCode();
        var needed = Experiment(main);
        var (before, after) = (Experiment(narrow, 2, required: false) with { Group = "before and after" }, Experiment(wide, 2, required: false) with { Group = "before and after" });
        var rival = Experiment(narrow, 3);
        var call = Guid.CreateVersion7();
        await host.HearAsync(host.Accepted(call, needed, before, after) with { Grade = 50 });
        await host.HearAsync(host.Accepted(call, rival) with { Grade = 90 });
        var plan = await host.PlanAsync(call);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal(new[] { needed.ExperimentId, rival.ExperimentId }.Order(), read.Placements.Select(one => one.ExperimentId).Order());
        Assert.Equal("group-incomplete", read.Unplaced.Single(one => one.ExperimentId == after.ExperimentId).Reasons[0].Code);
        Assert.Contains(read.Unplaced.Single(one => one.ExperimentId == before.ExperimentId).Reasons, why => why.Code == "instrument-full");

        var free = new DateTimeOffset(host.Monday, TimeSpan.Zero).AddDays(4);
        var conflicts = await (await host.MoveAsync(plan, after.ExperimentId, await StartAsync(wide, free), 2)).ConflictsAsync();
        Assert.True(conflicts["group-incomplete"].GetProperty("forceable").GetBoolean());
        (await host.MoveAsync(plan, after.ExperimentId, await StartAsync(wide, free), 2, force: true)).EnsureSuccessStatusCode();
        // What was forced stands, and the rest of the group may follow or not.
        await host.RoundAsync(plan, 2);
        Assert.Equal(3, (await host.ReadPlanAsync(plan)).Placements.Count);
    }

    [Fact]
    public async Task Are_left_out_together_when_the_pool_has_nothing_for_one_of_them_though_what_their_proposal_requires_is_held()
    {
        var needed = Experiment(await host.InstrumentAsync(), cell: "pouch");
        var (plain, cell) = (Experiment(await host.InstrumentAsync(), 2, required: false) with { Group = "both" }, Experiment(await host.InstrumentAsync(), 2, "coin", required: false) with { Group = "both" });
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), needed, plain, cell);
        var plan = await host.PlanAsync(proposal.CallId);
        var asked = await host.AskedAsync(plan, 2);
        Assert.Equal(3, (await host.ReadPlanAsync(plan)).Placements.Count);
        await host.HearAsync(Reserved(asked.Single(one => one.ExperimentId == needed.ExperimentId)));
        await host.HearAsync(Refused(asked.Single(one => one.ExperimentId == cell.ExperimentId)));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal(needed.ExperimentId, Assert.Single(read.Placements).ExperimentId);
        Assert.Equal([(plain.ExperimentId, "group-incomplete"), (cell.ExperimentId, "cell.on-loan")], read.Unplaced.Select(one => (one.ExperimentId, one.Reasons[0].Code)).OrderBy(one => one.Item2 == "cell.on-loan"));
    }

    [Fact]
    public async Task Go_together_when_the_team_declines_one()
    {
        var (needed, one, other) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync(), 2, required: false) with { Group = "both" }, Experiment(await host.InstrumentAsync(), 2, required: false) with { Group = "both" });
        var proposal = host.Accepted(Guid.CreateVersion7(), needed, one, other) with { Team = [new TeamMember { PersonId = Maria.Id, Name = "Maria", Group = "battery-group", PrincipalInvestigator = true }] };
        await host.HearAsync(proposal);
        var plan = await host.PlanAsync(proposal.CallId);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        (await host.ChangeAsync(plan, "offer", new { answerBy = host.Time.GetUtcNow().AddDays(5), silence = "accepts" })).EnsureSuccessStatusCode();
        (await host.AnswerAsync(one.ExperimentId, false, "No time")).EnsureSuccessStatusCode();
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal(needed.ExperimentId, Assert.Single(read.Placements).ExperimentId);
        Assert.Equal("group-incomplete", read.Unplaced.Single(left => left.ExperimentId == other.ExperimentId).Reasons[0].Code);
    }

    private async Task<DateTimeOffset> StartAsync(string instrument, DateTimeOffset from) =>
        (await host.ReadAsync(db => Task.FromResult(db.Calendars.Single(x => x.InstrumentCode == instrument).Calendar.ShiftsBetween(from, from.AddDays(3)))))[0].Start;
}

public sealed class A_weeks_work_of_local_contacts(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Is_the_most_that_a_plan_gives_them_and_what_was_forced_beyond_it_stands_through_later_rounds()
    {
        string one = await host.InstrumentAsync("elettra", 14), two = await host.InstrumentAsync("elettra", 14);
        (await host.SendAsync(HttpMethod.Put, $"sites/elettra/contact-groups/g{Guid.CreateVersion7():N}", new
        {
            reason = "As agreed", name = "Both", instruments = new[] { one, two }, contacts = new[] { new Contact(Guid.CreateVersion7(), "Ana", 5) }, weeklyShifts = 5, weeklyStarts = 2,
        }, Staff)).EnsureSuccessStatusCode();
        var (plan, _) = await host.ReadyPlanAsync(Experiment(one), Experiment(two), Experiment(one), Experiment(two, 1), Experiment(one, 1), Experiment(two, 1), Experiment(one, 1), Experiment(two, 1));
        var read = await host.ReadPlanAsync(plan);
        // Shifts are of local days: the first two of a Monday in Rome begin on Sunday and Monday in UTC.
        Assert.All(read.Placements.SelectMany(place => place.Shifts).CountBy(shift => WeekOf(shift.Start)), week => Assert.InRange(week.Value, 1, 5));
        Assert.All(read.Placements.CountBy(place => WeekOf(place.From)), week => Assert.InRange(week.Value, 1, 2));
        Assert.All(read.Unplaced, left => Assert.Equal("week-full", Assert.Single(left.Reasons).Code));
        Assert.NotEmpty(read.Unplaced);

        // A whole week: of the one before only the first shift belongs to the calendar.
        var full = read.Placements.CountBy(place => WeekOf(place.From)).First(week => week.Value == 2 && week.Key >= WeekOf(new DateTimeOffset(host.Monday, TimeSpan.Zero))).Key;
        var (stays, waits) = (read.Placements.First(place => WeekOf(place.From) == full), read.Unplaced[0]);
        var granted = (await host.ExperimentsAsync(waits.ProposalId))[0].GrantedShifts;
        var begins = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(7 * full);
        // Of plans of the same worth any may be the answer: what waits goes where nobody is in that week.
        var shifts = await host.ReadAsync(db => Task.FromResult(db.Calendars.Single(x => x.InstrumentCode == waits.InstrumentCode).Calendar.ShiftsBetween(begins, begins.AddDays(7))
            .Where(shift => !read.Placements.Any(place => place.From < shift.Start.AddHours(8 * granted) && shift.Start < place.To)).ToList()));
        var conflict = Assert.Single(await (await host.MoveAsync(plan, waits.ExperimentId, shifts[0].Start, granted)).ConflictsAsync());
        Assert.Equal(("week-full", true), (conflict.Key, conflict.Value.GetProperty("forceable").GetBoolean()));
        (await host.MoveAsync(plan, waits.ExperimentId, shifts[0].Start, granted, force: true)).EnsureSuccessStatusCode();
        await host.RoundAsync(plan, 2);
        var later = await host.ReadPlanAsync(plan);
        Assert.Contains(later.Placements, place => place.ExperimentId == waits.ExperimentId && place.From == shifts[0].Start);
        Assert.Equal("optimal", later.SolverStatus);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        (await host.ChangeAsync(plan, "removals", new { experiments = new[] { stays.ExperimentId }, reason = "They do not come" })).EnsureSuccessStatusCode();
        await host.RoundAsync(plan, 3);
        var promised = (await host.ReadPlanAsync(plan)).Placements.ToDictionary(place => place.ExperimentId, place => place.From);
        Assert.All(later.Placements.Where(place => place.ExperimentId != stays.ExperimentId), place => Assert.Equal(place.From, promised[place.ExperimentId]));

        static int WeekOf(DateTimeOffset at) => (at - new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero)).Days / 7;
    }
}

public sealed class What_a_plan_counts(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Are_trips_and_the_load_of_weeks_where_the_user_office_says_what_they_cost()
    {
        string xas = await host.InstrumentAsync("elettra", 14), xrd = await host.InstrumentAsync("elettra", 14);
        var (first, second) = (Experiment(xas), Experiment(xrd));
        var call = Guid.CreateVersion7();
        await host.HearAsync(host.Accepted(call, first, second));
        var plan = (await (await host.As(Office).PostAsJsonAsync($"/api/scheduling/calls/{call}/plans", new { weights = new { travel = 30, evenLoad = 7 } })).ReadAsync<RequestPlan.Response>(HttpStatusCode.Accepted)).Id;
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var read = await host.ReadPlanAsync(plan);
        // One trip for both, as the second begins within two days; each instrument is busy in one week.
        Assert.Equal(2, read.Placements.Count);
        var apart = read.Placements.Max(place => place.From) - read.Placements.Min(place => place.To);
        Assert.InRange(apart, TimeSpan.Zero, TimeSpan.FromHours(48));
        Assert.Equal([("travel", 1L, -30L, -30L)], read.Layers.Where(layer => layer.Layer == "travel").Select(layer => (layer.Layer, layer.Amount, layer.Weight, layer.Value)));
        var load = read.Layers.Single(layer => layer.Layer == "evenLoad");
        Assert.Equal((-7L, -7 * load.Amount), (load.Weight, load.Value));
        Assert.Equal("optimal", read.SolverStatus);
        foreach (var weights in new object[] { new { travel = -1 }, new { evenLoad = 100_001 } })
            Assert.Equal(["search.weight"], await Assert.RefusedAsync(await host.As(Office).PostAsJsonAsync($"/api/scheduling/calls/{call}/plans", new { weights }), HttpStatusCode.UnprocessableEntity, "search.invalid"));
    }
}

public sealed class What_a_site_gives(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task In_a_call_is_a_most_over_all_its_instruments_with_what_was_promised_before_and_by_hand_a_conflict()
    {
        var call = Guid.CreateVersion7();
        string xas = await host.InstrumentAsync(), xrd = await host.InstrumentAsync(), far = await host.InstrumentAsync("bnc");
        await host.HearAsync(new CallOpened
        {
            CallId = call, Revision = 1, Title = "Autumn call", OpensAt = host.Time.GetUtcNow(), ClosesAt = host.Time.GetUtcNow(), BoardFeasibilityRequired = false, PanelChairId = Office.Id, PanelMemberIds = [],
            BeamtimeFrom = new DateTimeOffset(host.Monday, TimeSpan.Zero), BeamtimeTo = new DateTimeOffset(host.Monday, TimeSpan.Zero).AddDays(60), SiteQuotas = [new() { SiteCode = "elettra", Shifts = 7 }],
        });
        var (one, two, three, four) = (Experiment(xas), Experiment(xrd), Experiment(xrd), Experiment(far));
        await host.HearAsync(host.Accepted(call, one) with { Grade = 90 });
        var plan = await host.PlanAsync(call);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();

        await host.HearAsync(host.Accepted(call, two) with { Grade = 80 });
        await host.HearAsync(host.Accepted(call, three) with { Grade = 70 });
        await host.HearAsync(host.Accepted(call, four) with { Grade = 60 });
        var later = await host.PlanAsync(call);
        await host.UntilAsync(later, CallPlanStatus.Ready);
        var read = await host.ReadPlanAsync(later);
        Assert.Equal(new[] { two.ExperimentId, four.ExperimentId }.Order(), read.Placements.Select(place => place.ExperimentId).Order());
        Assert.Equal((three.ExperimentId, "site-quota"), Assert.Single(read.Unplaced) is var left ? (left.ExperimentId, Assert.Single(left.Reasons).Code) : default);
        var at = (await host.PlaceOfAsync(later, two.ExperimentId)).To.AddDays(1);
        Assert.Equal(["site-quota"], (await (await host.MoveAsync(later, three.ExperimentId, at)).ConflictsAsync()).Keys);
        (await host.MoveAsync(later, three.ExperimentId, at, force: true)).EnsureSuccessStatusCode();
        // What was forced stays, and takes what the other had.
        await host.RoundAsync(later, 2);
        Assert.Equal(new[] { three.ExperimentId, four.ExperimentId }.Order(), (await host.ReadPlanAsync(later)).Placements.Select(place => place.ExperimentId).Order());
    }
}

public sealed class Times_between_sites(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Keep_teams_and_samples_apart_in_plans_by_hand_and_from_what_stands()
    {
        (await host.SendAsync(HttpMethod.Put, "site-distances", new { reason = "By train", ways = new[] { new { from = "elettra", to = "bnc", travelHours = 30, shippingHours = 60 } } })).EnsureSuccessStatusCode();
        string here = await host.InstrumentAsync("elettra", 4), there = await host.InstrumentAsync("bnc", 4), unopened = $"bnc-{Guid.CreateVersion7():N}";
        await host.HearAsync(Instrument(unopened, "bnc"));
        var sample = Guid.CreateVersion7();
        var (one, two) = (Experiment(here, 2), Experiment(there, 2) with { SampleId = sample });
        var late = Experiment(unopened, 2, required: false) with { SampleId = sample };
        var plan = await host.PlanAsync((await host.AcceptAsync(Guid.CreateVersion7(), one, two, late)).CallId);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var (first, second) = (await host.PlaceOfAsync(plan, one.ExperimentId), await host.PlaceOfAsync(plan, two.ExperimentId));
        Assert.True(Gap(first, second) >= TimeSpan.FromHours(30), $"{first.From} to {first.To} and {second.From} to {second.To}");
        var touching = second.From > first.From ? first.To.AddHours(8) : second.To.AddHours(8);
        var codes = (await (await host.MoveAsync(plan, second.From > first.From ? two.ExperimentId : one.ExperimentId, touching, 2)).ConflictsAsync()).Keys;
        Assert.Contains(codes, code => code is "travel-time");

        // The sample is where it was put; an instrument of another site has to wait for it.
        (await host.PutCalendarAsync(unopened, host.Calendar(12))).EnsureSuccessStatusCode();
        (await host.ChangeAsync(plan, "locks", new { experiments = new[] { one.ExperimentId, two.ExperimentId }, reason = "As promised" })).EnsureSuccessStatusCode();
        await host.RoundAsync(plan, 2);
        var placed = await host.PlaceOfAsync(plan, late.ExperimentId);
        Assert.True(Gap(second, placed) >= TimeSpan.Zero);
        var overlap = await host.MoveAsync(plan, late.ExperimentId, second.From, 2);
        Assert.Contains("sample-elsewhere", (await overlap.ConflictsAsync()).Keys);
        Assert.Equal(TimeSpan.FromHours(16), placed.To - placed.From);

        static TimeSpan Gap(ReadPlan.Placement one, ReadPlan.Placement other) => one.From < other.From ? other.From - one.To : one.From - other.To;
    }
}
