using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Repairing;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class A_disturbance(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private async Task<ReportDisturbance.Response> ReportAsync(object report, Person by) =>
        await (await host.As(by).PostAsJsonAsync("/api/scheduling/disturbances", report)).ReadAsync<ReportDisturbance.Response>(HttpStatusCode.Created);

    private async Task<ReadDisturbance.Response> OptionsAsync(Guid disturbance, int count = 3)
    {
        await host.UntilAsync(async db => await Task.FromResult(db.Plans.Count(x => x.DisturbanceId == disturbance && x.Status == CallPlanStatus.WhatIf) == count), $"{count} options for {disturbance}");
        return await host.ReadAsync<ReadDisturbance.Response>($"disturbances/{disturbance}");
    }

    private async Task<Guid> PublishedAsync(params Contracts.Proposals.ExperimentRequest[] experiments)
    {
        var (plan, _) = await host.ReadyPlanAsync(experiments);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        return plan;
    }

    [Fact]
    public async Task Of_lost_beam_marks_what_is_hit_and_shows_options_side_by_side_of_which_one_becomes_the_plan()
    {
        string broken = await host.InstrumentAsync("elettra", 4), other = await host.InstrumentAsync("elettra", 4);
        // In the order of their ids each is planned as early as can be: the longest is the last, and the free shifts are at the end.
        var ids = Enumerable.Range(0, 4).Select(n => Guid.CreateVersion7(new DateTimeOffset(2026, 1, 1, 0, 0, n, TimeSpan.Zero))).ToArray();
        var early = Experiment(broken) with { ExperimentId = ids[0] };
        Contracts.Proposals.ExperimentRequest[] there =
        [
            early, Experiment(broken) with { ExperimentId = ids[1] },
            Experiment(broken, 4, after: new Contracts.Proposals.ExperimentOrder { ExperimentId = early.ExperimentId, MinGapHours = 0 }) with { ExperimentId = ids[2] },
        ];
        var elsewhere = Experiment(other) with { ExperimentId = ids[3] };
        var plan = await PublishedAsync([.. there, elsewhere]);
        var before = (await host.ReadPlanAsync(plan)).Placements.ToDictionary(place => place.ExperimentId);
        var first = before.Values.Where(place => place.InstrumentCode == broken).MinBy(place => place.From) ?? throw new InvalidOperationException();
        await Assert.RefusedAsync(await host.As(OtherStaff).PostAsJsonAsync("/api/scheduling/disturbances", new { kind = "beam-lost", instrumentCode = broken, from = first.From, to = first.To, reason = "x" }), HttpStatusCode.Forbidden, "plan.other-site");
        await Assert.RefusedAsync(await host.As(Staff).PostAsJsonAsync("/api/scheduling/disturbances", new { kind = "beam-lost", instrumentCode = broken, from = first.To, to = first.From, reason = "x" }), HttpStatusCode.UnprocessableEntity, "disturbance.invalid");
        var reported = await ReportAsync(new { kind = "beam-lost", instrumentCode = broken, from = first.From, to = first.From.AddHours(8), reason = "A vacuum leak" }, Staff);
        Assert.Equal(1, reported.Hit);
        var said = Assert.Single(await host.SaidAsync<BeamLost>(), one => one.DisturbanceId == reported.Id);
        Assert.Equal((broken, 1, first.ExperimentId), (said.InstrumentCode, said.ShiftsLost, Assert.Single(said.Experiments)));

        var options = (await OptionsAsync(reported.Id)).Options.ToDictionary(one => one.Mode);
        // Of twelve shifts ten are taken and the first is lost: the hit experiment has room only if the others move on by one.
        Assert.Equal((0, 1, 0), (options[RepairMode.LeastMoved].Moved, options[RepairMode.LeastMoved].Dropped, options[RepairMode.LeastMoved].Added));
        Assert.Equal((0, 1, 0), (options[RepairMode.ReserveOnly].Moved, options[RepairMode.ReserveOnly].Dropped, options[RepairMode.ReserveOnly].Added));
        Assert.True(options[RepairMode.MostScience].ObjectiveAfter > options[RepairMode.LeastMoved].ObjectiveAfter);
        Assert.All(options.Values, one => Assert.Equal(plan, one.PlanId));
        Assert.Equal("beam-lost", Assert.Single(Assert.Single(options[RepairMode.ReserveOnly].Affected).Reasons).Code);
        Assert.Contains("A vacuum leak", options[RepairMode.ReserveOnly].Affected[0].Reasons[0].Text, StringComparison.Ordinal);
        Assert.True(options[RepairMode.LeastMoved].PeopleAffected > 0);
        Assert.Equal((3, 0), (options[RepairMode.MostScience].Moved, options[RepairMode.MostScience].Dropped));
        Assert.Empty((await host.ReadAsync<ReadDisturbance.Response>($"disturbances/{reported.Id}", OtherStaff)).Options.SelectMany(one => one.Affected));

        var chosen = options[RepairMode.MostScience];
        (await host.ChangeAsync(plan, "promotions", new { copyId = chosen.CopyId, reason = "Everybody comes, a day later" }, Staff)).EnsureSuccessStatusCode();
        Assert.Equal(PlanVersionKind.Repair, (await host.VersionsAsync(plan))[0].Kind);
        Assert.Empty((await host.ReadAsync<ReadDisturbance.Response>($"disturbances/{reported.Id}")).Options);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var after = (await host.ReadPlanAsync(plan)).Placements;
        Assert.All(after.Where(place => place.InstrumentCode == broken).SelectMany(place => place.Shifts), shift => Assert.True(shift.End <= first.From || shift.Start >= first.From.AddHours(8)));
        Assert.Equal(before[elsewhere.ExperimentId].Shifts, after.Single(place => place.ExperimentId == elsewhere.ExperimentId).Shifts);
        // Nobody puts anything into the lost time by hand either.
        Assert.Contains("shifts-not-open", (await (await host.MoveAsync(plan, there[0].ExperimentId, first.From, force: true)).ConflictsAsync("plan.impossible")).Keys);
    }

    [Fact]
    public async Task Of_lost_beam_moves_only_what_is_hit_where_there_is_room()
    {
        var code = await host.InstrumentAsync("elettra", 6);
        var plan = await PublishedAsync(Experiment(code), Experiment(code));
        var before = (await host.ReadPlanAsync(plan)).Placements.OrderBy(place => place.From).ToList();
        var reported = await ReportAsync(new { kind = "instrument-down", instrumentCode = code, from = before[0].From, to = before[0].To, reason = "The monochromator is stuck" }, Office);
        var least = (await OptionsAsync(reported.Id)).Options.Single(one => one.Mode == RepairMode.LeastMoved);
        Assert.Equal((1, 0, 0, least.ObjectiveBefore), (least.Moved, least.Dropped, least.Added, least.ObjectiveAfter));
        Assert.Equal(before[0].ExperimentId, Assert.Single(least.Affected).ExperimentId);
        (await host.ChangeAsync(plan, "promotions", new { copyId = least.CopyId, reason = "One team moves" })).EnsureSuccessStatusCode();
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        Assert.Equal(before[0].ExperimentId, Assert.Single(await host.SaidAsync<ExperimentRescheduled>(), one => one.PlanId == plan).ExperimentId);
    }

    [Fact]
    public async Task Of_lost_beam_takes_no_place_from_others_for_who_waits_where_as_few_as_possible_are_to_move()
    {
        string busy = await host.InstrumentAsync("elettra", 10), broken = await host.InstrumentAsync("elettra", 6);
        var (stays, hit, waits) = (Experiment(busy), Experiment(broken), Experiment(busy, 30));
        // Who waits would take all the shifts that there are and be worth more than what is there, its promise included: somebody has taken it out by hand.
        var (plan, _) = await host.ReadyPlanAsync(stays, hit, waits);
        var taken = (await host.PlaceOfAsync(plan, waits.ExperimentId)).From;
        (await host.ChangeAsync(plan, "removals", new { experiments = new[] { waits.ExperimentId }, reason = "Not yet" })).EnsureSuccessStatusCode();
        (await host.MoveAsync(plan, stays.ExperimentId, taken)).EnsureSuccessStatusCode();
        (await host.ChangeAsync(plan, "unlocks", new { experiments = new[] { stays.ExperimentId, waits.ExperimentId }, reason = "The planner decides" })).EnsureSuccessStatusCode();
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var lost = await host.PlaceOfAsync(plan, hit.ExperimentId);
        var reported = await ReportAsync(new { kind = "instrument-down", instrumentCode = broken, from = lost.From, to = lost.To, reason = "The monochromator is stuck" }, Office);
        var options = (await OptionsAsync(reported.Id)).Options.ToDictionary(one => one.Mode);
        Assert.Equal((1, 0, 0), (options[RepairMode.LeastMoved].Moved, options[RepairMode.LeastMoved].Dropped, options[RepairMode.LeastMoved].Added));
        Assert.Equal((1, 1, 1), (options[RepairMode.MostScience].Moved, options[RepairMode.MostScience].Dropped, options[RepairMode.MostScience].Added));
        // What promises were worth to the search is told nowhere, and a bound only where none was.
        foreach (var (mode, option) in options)
        {
            var copy = await host.ReadPlanAsync(option.CopyId);
            Assert.Equal(mode == RepairMode.ReserveOnly ? copy.Objective : null, copy.Bound);
            Assert.All(await host.ReadAsync(db => db.Runs.AsNoTracking().Where(x => x.PlanId == option.CopyId).ToListAsync()), run => Assert.Equal((copy.Objective, copy.Bound), (run.Objective, run.Bound)));
        }
    }

    [Fact]
    public async Task By_a_team_that_cancels_gives_its_place_to_who_waits()
    {
        var code = await host.InstrumentAsync("elettra", 1);
        var (goes, waits) = (Experiment(code), Experiment(code));
        var plan = await PublishedAsync(goes, waits);
        var placed = Assert.Single((await host.ReadPlanAsync(plan)).Placements);
        var other = placed.ExperimentId == goes.ExperimentId ? waits : goes;
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Stranger).PostAsJsonAsync("/api/scheduling/disturbances", new { kind = "team-cancels", experimentId = placed.ExperimentId, reason = "x" })).StatusCode);
        foreach (var (member, report) in new (string, object)[]
        {
            ("disturbance.no-instrument", new { kind = "team-cancels", experimentId = placed.ExperimentId, instrumentCode = code, reason = "x" }),
            ("disturbance.no-interval", new { kind = "team-cancels", experimentId = placed.ExperimentId, from = placed.From, to = placed.From, reason = "x" }),
            ("disturbance.no-experiment", new { kind = "beam-lost", instrumentCode = code, experimentId = placed.ExperimentId, from = placed.From, to = placed.To, reason = "x" }),
            ("disturbance.no-cell", new { kind = "beam-lost", instrumentCode = code, cellCode = "C", from = placed.From, to = placed.To, reason = "x" }),
        })
            Assert.Equal([member], await Assert.RefusedAsync(await host.As(Office).PostAsJsonAsync("/api/scheduling/disturbances", report), HttpStatusCode.UnprocessableEntity, "disturbance.invalid"));
        var reported = await ReportAsync(new { kind = "team-cancels", experimentId = placed.ExperimentId, reason = "No sample" }, Maria);
        var reserve = (await OptionsAsync(reported.Id)).Options.Single(one => one.Mode == RepairMode.ReserveOnly);
        Assert.Equal((0, 1, 1), (reserve.Moved, reserve.Dropped, reserve.Added));
        (await host.ChangeAsync(plan, "promotions", new { copyId = reserve.CopyId, reason = "The next one comes" })).EnsureSuccessStatusCode();
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        Assert.Equal("team-cancelled", (await host.SaidAsync<ExperimentUnplaced>()).Last(one => one.ExperimentId == placed.ExperimentId).Reasons[0].Code);
        Assert.Equal(placed.From, (await host.SaidAsync<ExperimentScheduled>()).Single(one => one.ExperimentId == other.ExperimentId).Shifts[0].Start);
    }

    [Theory]
    [InlineData("pool")]
    [InlineData("keeper")]
    [InlineData("keeper of all")]
    [InlineData("office")]
    public async Task Of_a_cell_asks_the_pool_for_another_once_an_option_is_chosen(string by)
    {
        var cell = $"POUCH-{Guid.CreateVersion7()}";
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(await host.InstrumentAsync(), cell: "pouch"));
        var plan = await host.PlanAsync(proposal.CallId);
        var asked = Assert.Single(await host.AskedAsync(plan, 1));
        await host.HearAsync(Reserved(asked) with { CellCode = cell });
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        Guid disturbance;
        if (by == "pool")
        {
            await host.HearAsync(TakenBack(asked));
            disturbance = await host.ReadAsync(db => Task.FromResult(db.Disturbances.Single(x => x.CellCode == cell).Id));
        }
        else
        {
            var report = new { kind = "cell-withdrawn", cellCode = cell, from = asked.From, to = asked.To, reason = "It leaks" };
            await Assert.RefusedAsync(await host.As(OtherStaff).PostAsJsonAsync("/api/scheduling/disturbances", report), HttpStatusCode.Forbidden, "plan.other-site");
            // An instrument of one's own does not make the cell one's own, nor does keeping others.
            var byTheWay = new { kind = "cell-withdrawn", cellCode = cell, instrumentCode = await host.InstrumentAsync("bnc"), from = asked.From, to = asked.To, reason = "It leaks" };
            Assert.Equal(["disturbance.no-instrument"], await Assert.RefusedAsync(await host.As(OtherStaff).PostAsJsonAsync("/api/scheduling/disturbances", byTheWay), HttpStatusCode.UnprocessableEntity, "disturbance.invalid"));
            await host.HearAsync(new CellPublished { CellCode = cell, Revision = 1, CellDesignCode = "pouch", Lendable = true, HomeSite = "elettra", InstrumentCodes = [asked.InstrumentCode], BeforeHours = 0, AfterHours = 0, ShippingHours = 0 });
            await Assert.RefusedAsync(await host.As(KeeperOf("ki")).PostAsJsonAsync("/api/scheduling/disturbances", report), HttpStatusCode.Forbidden, "plan.other-site");
            var reported = await ReportAsync(report, by == "keeper" ? KeeperOf("elettra") : by == "keeper of all" ? Keeper : Office);
            Assert.Equal(1, reported.Hit);
            disturbance = reported.Id;
            Assert.Single(await host.ReleasedAsync(asked.ReservationId));
        }
        var options = (await OptionsAsync(disturbance)).Options;
        Assert.Equal("cell-withdrawn", options.Single(one => one.Mode == RepairMode.ReserveOnly).Affected[0].Reasons[0].Code);
        var least = options.Single(one => one.Mode == RepairMode.LeastMoved);
        Assert.Equal((1, 0), (least.Moved, least.Dropped));
        // An option is a copy like others: who reported, or the user office where the pool did, may try further with it.
        await Assert.RefusedAsync(await host.ChangeAsync(least.CopyId, "locks", new { experiments = new[] { asked.ExperimentId }, reason = "It stays" }, Staff), HttpStatusCode.Forbidden, "plan.copy-of-another");
        (await host.ChangeAsync(least.CopyId, "locks", new { experiments = new[] { asked.ExperimentId }, reason = "It stays" })).EnsureSuccessStatusCode();
        (await host.ChangeAsync(plan, "promotions", new { copyId = least.CopyId, reason = "Another cell" })).EnsureSuccessStatusCode();
        var again = (await host.AskedAsync(plan, 2))[^1];
        Assert.True(again.From >= asked.To, $"{again.From:u} is before {asked.To:u}");
        await host.HearAsync(Reserved(again) with { CellCode = cell + "-2" });
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        Assert.Equal(cell + "-2", Assert.Single(await host.SaidAsync<ExperimentRescheduled>(), one => one.PlanId == plan).CellCode);
    }

    [Fact]
    public async Task Of_a_cell_that_the_pool_has_taken_back_already_is_reported_by_staff_all_the_same()
    {
        var cell = $"POUCH-{Guid.CreateVersion7()}";
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(await host.InstrumentAsync(), cell: "pouch"));
        var plan = await host.PlanAsync(proposal.CallId);
        var asked = Assert.Single(await host.AskedAsync(plan, 1));
        await host.HearAsync(Reserved(asked) with { CellCode = cell });
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        await host.HearAsync(TakenBack(asked));
        var reported = await ReportAsync(new { kind = "cell-withdrawn", cellCode = cell, from = asked.From, to = asked.To, reason = "It leaks" }, Staff);
        Assert.Equal(asked.ExperimentId, Assert.Single((await OptionsAsync(reported.Id)).Hit));
    }

    [Fact]
    public async Task Sent_twice_is_one_and_a_mistake_is_taken_back()
    {
        var code = await host.InstrumentAsync("elettra", 10);
        var plan = await PublishedAsync(Experiment(code));
        var place = Assert.Single((await host.ReadPlanAsync(plan)).Placements);
        var (id, until) = (Guid.CreateVersion7(), place.From.AddDays(9));
        var report = new { id, kind = "instrument-down", instrumentCode = code, from = place.From, to = until, reason = "The shutter is stuck" };
        Assert.Equal(id, (await ReportAsync(report, Staff)).Id);
        Assert.Equal(id, (await ReportAsync(report, Staff)).Id);
        await Assert.RefusedAsync(await host.As(Office).PostAsJsonAsync("/api/scheduling/disturbances", report), HttpStatusCode.Conflict, "disturbance.id-taken");
        foreach (var other in (object[])[new { id, kind = "beam-lost", instrumentCode = code, from = place.From, to = until, reason = "The shutter is stuck" }, new { id, kind = "instrument-down", instrumentCode = code, from = place.From, to = until.AddHours(1), reason = "The shutter is stuck" }])
            await Assert.RefusedAsync(await host.As(Staff).PostAsJsonAsync("/api/scheduling/disturbances", other), HttpStatusCode.Conflict, "disturbance.id-taken");
        Assert.Single(await host.SaidAsync<BeamLost>(), said => said.InstrumentCode == code);
        Assert.Equal(3, (await OptionsAsync(id)).Options.Count);
        Assert.Contains("shifts-not-open", (await (await host.MoveAsync(plan, place.ExperimentId, place.From.AddDays(3), force: true)).ConflictsAsync("plan.impossible")).Keys);

        await Assert.RefusedAsync(await host.As(OtherStaff).PostAsJsonAsync($"/api/scheduling/disturbances/{id}/cancellation", new { reason = "x" }), HttpStatusCode.Forbidden, "plan.other-site");
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Maria).PostAsJsonAsync($"/api/scheduling/disturbances/{id}/cancellation", new { reason = "x" })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await host.As(Staff).PostAsJsonAsync($"/api/scheduling/disturbances/{id}/cancellation", new { reason = "The wrong instrument" })).StatusCode);
        await Assert.RefusedAsync(await host.As(Staff).PostAsJsonAsync($"/api/scheduling/disturbances/{id}/end", new { until = (DateTimeOffset?)null, reason = "Again" }), HttpStatusCode.Conflict, "disturbance.over");
        Assert.Equal((place.From, place.From), Assert.Single(await host.SaidAsync<BeamReturned>(), said => said.DisturbanceId == id) is var said ? (said.From, said.To) : default);
        Assert.Empty((await host.ReadAsync<ReadDisturbance.Response>($"disturbances/{id}")).Options);
        (await host.MoveAsync(plan, place.ExperimentId, place.From.AddDays(3))).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task That_is_over_early_opens_what_is_left_of_its_time()
    {
        var code = await host.InstrumentAsync("elettra", 10);
        var plan = await PublishedAsync(Experiment(code));
        var place = Assert.Single((await host.ReadPlanAsync(plan)).Placements);
        var reported = await ReportAsync(new { kind = "instrument-down", instrumentCode = code, from = place.From, to = place.From.AddDays(9), reason = "The shutter is stuck" }, Staff);
        await Assert.RefusedAsync(await host.As(Staff).PostAsJsonAsync($"/api/scheduling/disturbances/{reported.Id}/end", new { until = place.From.AddDays(10), reason = "x" }), HttpStatusCode.UnprocessableEntity, "disturbance.invalid");
        (await host.As(Staff).PostAsJsonAsync($"/api/scheduling/disturbances/{reported.Id}/end", new { until = place.From.AddDays(2), reason = "Mended" })).EnsureSuccessStatusCode();
        Assert.Contains("shifts-not-open", (await (await host.MoveAsync(plan, place.ExperimentId, place.From.AddDays(1), force: true)).ConflictsAsync("plan.impossible")).Keys);
        (await host.MoveAsync(plan, place.ExperimentId, place.From.AddDays(2))).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Takes_its_time_from_what_everybody_sees_of_the_instrument_and_gives_it_back_when_it_is_over()
    {
        var code = await host.InstrumentAsync("elettra", 3);
        var day = new DateTimeOffset(host.Monday, TimeSpan.Zero).AddDays(1);
        var path = $"instruments/{code}";
        var (shifts, file) = (await OpenAsync(), await FileAsync());
        var reported = await ReportAsync(new { kind = "instrument-down", instrumentCode = code, from = day.AddHours(1), to = day.AddHours(9), reason = "Something private" }, Staff);
        var left = await OpenAsync();
        Assert.Equal(shifts.Where(shift => shift.End <= day.AddHours(1) || shift.Start >= day.AddHours(9)), left);
        Assert.Equal(shifts.Count - left.Count, file - await FileAsync());
        var told = await BeamtimeAsync(path + "/beamtime", Stranger);
        var closed = Assert.Single(told, one => one.Lost is not null);
        Assert.Equal((DisturbanceKind.InstrumentDown, false, shifts.Count - left.Count), (closed.Lost, closed.Open, closed.Shifts));
        Assert.True(closed.Start < day.AddHours(9) && closed.End > day.AddHours(1) && closed.Reasons.Count == 0);
        (await host.As(Staff).PostAsJsonAsync($"/api/scheduling/disturbances/{reported.Id}/cancellation", new { reason = "A mistake" })).EnsureSuccessStatusCode();
        Assert.Equal(shifts, await OpenAsync());
        Assert.DoesNotContain(await BeamtimeAsync(path + "/beamtime", Stranger), one => one.Lost is not null);

        async Task<IReadOnlyList<Calendars.Shift>> OpenAsync() => (await host.ReadAsync<Calendars.ListShifts.Response>($"{path}/shifts?from={host.Day(0)}T00:00:00Z&to={host.Day(4)}T00:00:00Z", Stranger)).Shifts;
        async Task<int> FileAsync() => (await host.As(Stranger).GetStringAsync($"/api/scheduling/{path}/calendar.ics?parts=shifts&from={host.Day(0)}T00:00:00Z&to={host.Day(4)}T00:00:00Z")).Split("BEGIN:VEVENT").Length - 1;
        async Task<IReadOnlyList<Calendars.ReadBeamtime.Interval>> BeamtimeAsync(string where, Person reader) =>
            (await host.ReadAsync<Calendars.ReadBeamtime.Response>($"{where}?from={host.Day(0)}&to={host.Day(4)}", reader)).Intervals;
    }

    [Fact]
    public async Task Is_answered_while_the_planner_is_at_work_on_a_plan()
    {
        var plan = await PublishedAsync(Experiment(await host.InstrumentAsync()));
        var place = Assert.Single((await host.ReadPlanAsync(plan)).Placements);
        var busy = await host.BusyAsync();
        var reported = await ReportAsync(new { kind = "instrument-down", instrumentCode = place.InstrumentCode, from = place.From, to = place.To, reason = "The shutter is stuck" }, Staff);
        Assert.Equal(3, (await OptionsAsync(reported.Id)).Options.Count);
        Assert.Equal(CallPlanStatus.Solving, (await host.ReadPlanAsync(busy.Plan)).Status);
        await host.EnoughAsync(busy.Plan, busy.Run);
    }
}
