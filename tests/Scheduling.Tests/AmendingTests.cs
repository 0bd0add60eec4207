using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Proposals;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Amending;
using Tutti.Scheduling.Holding;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class Versions_of_a_plan(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Keep_who_changed_what_and_why_and_every_one_can_be_gone_back_to()
    {
        var experiment = Experiment(await host.InstrumentAsync());
        var (plan, _) = await host.ReadyPlanAsync(experiment);
        var first = await host.PlaceOfAsync(plan, experiment.ExperimentId);
        var done = await (await host.MoveAsync(plan, experiment.ExperimentId, first.From.AddDays(2), by: Staff)).ReadAsync<ChangePlan.Done>();
        Assert.Equal((2, CallPlanStatus.Ready, 0), (done.Version, done.Status, done.Forced.Count));
        var moved = await host.PlaceOfAsync(plan, experiment.ExperimentId);
        Assert.Equal((first.From.AddDays(2), true), (moved.From, moved.Locked));
        Assert.All(moved.Shifts, shift => Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:00-\d\d:00$", shift.Label));

        var back = await (await host.ChangeAsync(plan, "versions/1/restoration", new { reason = "They could after all" })).ReadAsync<ChangePlan.Done>();
        Assert.Equal(3, back.Version);
        Assert.Equal((first.From, false), await host.PlaceOfAsync(plan, experiment.ExperimentId) is var again ? (again.From, again.Locked) : default);
        await Assert.RefusedAsync(await host.ChangeAsync(plan, "versions/1/restoration", new { reason = "Once more" }), HttpStatusCode.Conflict, "plan.no-change");

        var versions = await host.VersionsAsync(plan);
        Assert.Equal([(3, PlanVersionKind.Restoration, Office.Id, 1), (2, PlanVersionKind.Move, Staff.Id, 0), (1, PlanVersionKind.Planned, Guid.Empty, 0)], versions.Select(one => (one.Number, one.Kind, one.By ?? Guid.Empty, one.Of ?? 0)));
        Assert.Equal("The team asked for it", versions[1].Reason);
        var old = await host.ReadAsync<ListVersions.Version>($"plans/{plan}/versions/2");
        Assert.Equal(moved.Shifts, Assert.Single(old.Lines).Shifts);
        Assert.Empty((await host.ReadAsync<ListVersions.Version>($"plans/{plan}/versions/2", OtherStaff)).Lines);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(Maria).GetAsync($"/api/scheduling/plans/{plan}/versions")).StatusCode);
    }

    [Fact]
    public async Task Are_never_overwritten_by_somebody_who_has_not_seen_the_latest()
    {
        var (x, y) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync()));
        var (one, other) = (x.ExperimentId, y.ExperimentId);
        var (plan, _) = await host.ReadyPlanAsync(x, y);
        var tag = await host.TagAsync(plan);
        var from = (await host.PlaceOfAsync(plan, one)).From;
        await (await host.MoveAsync(plan, one, from.AddDays(1), tag: tag)).ReadAsync<ChangePlan.Done>();
        var late = await host.MoveAsync(plan, other, from.AddDays(2), tag: tag, by: Staff);
        Assert.Equal(["plan.changed-move"], await Assert.RefusedAsync(late, HttpStatusCode.PreconditionFailed, "stale-write"));
        Assert.Contains("versions/2", await late.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains(Office.Id.ToString(), await late.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var unnamed = await host.As(Office).PostAsJsonAsync($"/api/scheduling/plans/{plan}/moves", new { experimentId = other, blocks = new[] { new { from, shifts = 3 } }, reason = "x" });
        await Assert.RefusedAsync(unnamed, HttpStatusCode.PreconditionRequired, "plan.version-required");
    }

    [Fact]
    public async Task Are_made_once_of_eight_changes_at_the_same_moment()
    {
        var experiment = Experiment(await host.InstrumentAsync());
        var (plan, _) = await host.ReadyPlanAsync(experiment);
        var (tag, from) = (await host.TagAsync(plan), (await host.PlaceOfAsync(plan, experiment.ExperimentId)).From);
        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(n => host.MoveAsync(plan, experiment.ExperimentId, from.AddHours(8 * n), tag: tag)));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
            Assert.NotEmpty(await Assert.RefusedAsync(answer, HttpStatusCode.PreconditionFailed, "stale-write"));
        Assert.Equal([2, 1], (await host.VersionsAsync(plan)).Select(one => one.Number));
    }
}

public sealed class Placements_by_hand(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Name_all_conflicts_at_once_and_are_forced_only_with_a_reason_that_is_kept()
    {
        string near = await host.InstrumentAsync(), far = await host.InstrumentAsync("bnc");
        var (xas, neutrons) = (Experiment(near, 3), Experiment(far, 3));
        var call = Guid.CreateVersion7();
        var one = await host.AcceptAsync(call, xas);
        var two = host.Accepted(call, neutrons) with { Team = one.Team };
        await host.HearAsync(two);
        var plan = await host.PlanAsync(call);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var (here, there) = (await host.PlaceOfAsync(plan, xas.ExperimentId), await host.PlaceOfAsync(plan, neutrons.ExperimentId));
        var target = there.From == here.From ? throw new InvalidOperationException("one team twice") : there.From;

        var refused = await host.MoveAsync(plan, xas.ExperimentId, target, 2);
        var conflicts = await refused.ConflictsAsync();
        Assert.Equal(["team-overlap", "wrong-shift-count"], conflicts.Keys.Order(StringComparer.Ordinal));
        var people = conflicts["team-overlap"].GetProperty("concerned").EnumerateArray().Select(who => (who.GetProperty("experimentId").GetGuid(), who.GetProperty("leaderId").GetGuid())).ToList();
        Assert.Equal(new[] { xas.ExperimentId, neutrons.ExperimentId }.Order(), people.Select(who => who.Item1).Order());
        Assert.All(people, who => Assert.Equal(one.Team[0].PersonId, who.Item2));
        Assert.Equal(here.From, (await host.PlaceOfAsync(plan, xas.ExperimentId)).From);
        Assert.Single(await host.VersionsAsync(plan));

        await Assert.RefusedAsync(await host.MoveAsync(plan, xas.ExperimentId, target, 2, true, reason: " "), HttpStatusCode.UnprocessableEntity, "plan.reason");
        var done = await (await host.MoveAsync(plan, xas.ExperimentId, target, 2, true, reason: "A colleague goes to Budapest")).ReadAsync<ChangePlan.Done>();
        Assert.Equal(["team-overlap", "wrong-shift-count"], done.Forced.Order(StringComparer.Ordinal));
        var forced = await host.PlaceOfAsync(plan, xas.ExperimentId);
        Assert.Equal((target, "A colleague goes to Budapest"), (forced.From, forced.Forced));
        Assert.Equal(done.Forced, (await host.VersionsAsync(plan))[0].Forced);
        // What was forced stays through the planner's next round.
        (await host.ChangeAsync(plan, "rounds", new { reason = "Let it look again" })).EnsureSuccessStatusCode();
        await host.UntilAsync(async db => (await db.Plans.FindAsync(plan)) is { Round: 2, Status: CallPlanStatus.Ready }, "the second round");
        Assert.Equal((target, "A colleague goes to Budapest", 2), await host.PlaceOfAsync(plan, xas.ExperimentId) is var kept ? (kept.From, kept.Forced, kept.Shifts.Count) : default);
    }

    [Fact]
    public async Task Name_it_when_the_team_has_said_that_it_cannot_come_then()
    {
        var monday = new DateTimeOffset(host.Monday, TimeSpan.Zero);
        var experiment = Experiment(await host.InstrumentAsync(days: 14)) with { Unacceptable = [new() { From = monday.AddDays(7), To = monday.AddDays(9) }] };
        var (plan, _) = await host.ReadyPlanAsync(experiment);
        var at = (await host.PlaceOfAsync(plan, experiment.ExperimentId)).From;
        while (at < monday.AddDays(7)) at = at.AddDays(1);
        var conflict = Assert.Single(await (await host.MoveAsync(plan, experiment.ExperimentId, at)).ConflictsAsync());
        Assert.Equal(("team-away", true), (conflict.Key, conflict.Value.GetProperty("forceable").GetBoolean()));
        (await host.MoveAsync(plan, experiment.ExperimentId, at, force: true)).EnsureSuccessStatusCode();
        (await host.MoveAsync(plan, experiment.ExperimentId, at.AddDays(2))).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Never_put_two_experiments_on_an_instrument_or_source_nor_where_there_is_no_beam_nor_in_the_past()
    {
        string one = await host.InstrumentAsync("elettra", 10, "undulator-9"), two = await host.InstrumentAsync("elettra", 10, "undulator-9");
        var (first, second, third) = (Experiment(one), Experiment(one), Experiment(two));
        var (plan, _) = await host.ReadyPlanAsync(first, second, third);
        var at = (await host.PlaceOfAsync(plan, first.ExperimentId)).From;
        var same = await (await host.MoveAsync(plan, second.ExperimentId, at, force: true)).ConflictsAsync("plan.impossible");
        Assert.False(same["instrument-overlap"].GetProperty("forceable").GetBoolean());
        Assert.Contains("source-overlap", (await (await host.MoveAsync(plan, third.ExperimentId, at, force: true)).ConflictsAsync("plan.impossible")).Keys);
        Assert.Contains("shifts-not-open", (await (await host.MoveAsync(plan, second.ExperimentId, at.AddHours(1), force: true)).ConflictsAsync("plan.impossible")).Keys);
        Assert.Contains("shifts-not-open", (await (await host.MoveAsync(plan, second.ExperimentId, at.AddDays(40), force: true)).ConflictsAsync("plan.impossible")).Keys);
        Assert.Contains("in-the-past", (await (await host.MoveAsync(plan, second.ExperimentId, at.AddDays(-100), force: true)).ConflictsAsync("plan.impossible")).Keys);
        Assert.Contains("more-than-granted", (await (await host.MoveAsync(plan, second.ExperimentId, at.AddDays(5), 4, true)).ConflictsAsync("plan.impossible")).Keys);
        var elsewhere = await host.ChangeAsync(plan, "moves", new { experimentId = second.ExperimentId, instrumentCode = two, blocks = new[] { new { from = at.AddDays(6), shifts = 3 } }, reason = "x", force = true });
        Assert.Contains("instrument-not-eligible", (await elsewhere.ConflictsAsync("plan.impossible")).Keys);
        await Assert.RefusedAsync(await host.MoveAsync(plan, Guid.CreateVersion7(), at), HttpStatusCode.UnprocessableEntity, "plan.change-invalid");
        Assert.Single(await host.VersionsAsync(plan));
    }

    [Fact]
    public async Task Are_left_alone_by_the_planner_when_locked_and_kept_away_where_forbidden()
    {
        var code = await host.InstrumentAsync();
        var (locked, unwanted, never) = (Experiment(code), Experiment(code), Experiment(code));
        var (plan, _) = await host.ReadyPlanAsync(locked, unwanted, never);
        var at = (await host.PlaceOfAsync(plan, locked.ExperimentId)).From;
        (await host.ChangeAsync(plan, "locks", new { experiments = new[] { locked.ExperimentId }, reason = "Tickets are booked" }, Staff)).EnsureSuccessStatusCode();
        await Assert.RefusedAsync(await host.ChangeAsync(plan, "locks", new { experiments = new[] { locked.ExperimentId }, reason = "Mine" }, OtherStaff), HttpStatusCode.Forbidden, "plan.other-site");
        Assert.Contains("locked", (await (await host.MoveAsync(plan, locked.ExperimentId, at.AddDays(6))).ConflictsAsync()).Keys);
        var week = at.AddDays(5);
        var forbid = await host.ChangeAsync(plan, "forbids", new { experimentId = unwanted.ExperimentId, to = week, reason = "The cryostat is away" }, Staff);
        Assert.True((await forbid.ReadAsync<ForbidExperiment.Response>(HttpStatusCode.Created)).PlacedThere);
        var seen = await host.TagAsync(plan);
        (await host.ChangeAsync(plan, "forbids", new { experimentId = never.ExperimentId, reason = "Safety has not agreed" })).EnsureSuccessStatusCode();
        // Who asks for a round has seen what is not wanted.
        await Assert.RefusedAsync(await host.ChangeAsync(plan, "rounds", new { reason = "Again" }, tag: seen), HttpStatusCode.PreconditionFailed, "stale-write");
        await Assert.RefusedAsync(await host.ChangeAsync(plan, "forbids", new { experimentId = never.ExperimentId, instrumentCode = new string('x', 200), reason = "There" }), HttpStatusCode.UnprocessableEntity, "plan.change-invalid");
        await Assert.RefusedAsync(await host.ChangeAsync(plan, "forbids", new { experimentId = never.ExperimentId, reason = "Late" }, tag: 0), HttpStatusCode.PreconditionFailed, "stale-write");
        Assert.Contains("forbidden", (await (await host.MoveAsync(plan, unwanted.ExperimentId, at.AddDays(3))).ConflictsAsync()).Keys);

        (await host.ChangeAsync(plan, "rounds", new { reason = "With what is forbidden" })).EnsureSuccessStatusCode();
        await host.UntilAsync(async db => (await db.Plans.FindAsync(plan)) is { Round: 2, Status: CallPlanStatus.Ready }, "the second round");
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal(at, read.Placements.Single(place => place.ExperimentId == locked.ExperimentId).From);
        Assert.True(read.Placements.Single(place => place.ExperimentId == unwanted.ExperimentId).From >= week);
        Assert.Contains("forbidden-by-desk", Assert.Single(read.Unplaced).Reasons.Select(why => why.Code));
        Assert.Equal(2, (await host.ReadAsync<List<ForbidExperiment.Line>>($"plans/{plan}/forbids")).Count);
        Assert.Empty(await host.ReadAsync<List<ForbidExperiment.Line>>($"plans/{plan}/forbids", OtherStaff));

        var lifted = (await host.ReadAsync<List<ForbidExperiment.Line>>($"plans/{plan}/forbids")).Single(one => one.ExperimentId == never.ExperimentId).Id;
        (await host.ChangeAsync(plan, $"forbids/{lifted}", new { }, method: HttpMethod.Delete)).EnsureSuccessStatusCode();
        Assert.Single(await host.ReadAsync<List<ForbidExperiment.Line>>($"plans/{plan}/forbids"));
        Assert.Equal(Office.Id, (await host.ReadAsync(async db => await db.Forbids.FindAsync(lifted)))?.LiftedBy);
    }

    [Fact]
    public async Task Are_swapped_split_merged_and_taken_out()
    {
        var code = await host.InstrumentAsync();
        var (one, other) = (Experiment(code), Experiment(code));
        var (plan, _) = await host.ReadyPlanAsync(one, other);
        var (a, b) = (await host.PlaceOfAsync(plan, one.ExperimentId), await host.PlaceOfAsync(plan, other.ExperimentId));
        (await host.ChangeAsync(plan, "swaps", new { one = one.ExperimentId, other = other.ExperimentId, reason = "The sample is ready earlier" })).EnsureSuccessStatusCode();
        Assert.Equal((b.From, a.From), ((await host.PlaceOfAsync(plan, one.ExperimentId)).From, (await host.PlaceOfAsync(plan, other.ExperimentId)).From));

        var day = a.From.AddDays(4);
        var blocks = new[] { new { from = day, shifts = 2 }, new { from = day.AddDays(2), shifts = 1 } };
        (await host.ChangeAsync(plan, "splits", new { experimentId = one.ExperimentId, blocks, reason = "The sample rests two days", force = true })).EnsureSuccessStatusCode();
        var split = await host.PlaceOfAsync(plan, one.ExperimentId);
        Assert.Equal([(day, 0), (day.AddHours(8), 0), (day.AddDays(2), 1)], split.Shifts.Select(shift => (shift.Start, shift.Block)));
        // Between the blocks the instrument is free.
        (await host.ChangeAsync(plan, "moves", new { experimentId = other.ExperimentId, blocks = new[] { new { from = day.AddDays(1), shifts = 3 } }, reason = "In between", force = true })).EnsureSuccessStatusCode();
        Assert.Contains("instrument-overlap", (await (await host.MoveAsync(plan, other.ExperimentId, day.AddDays(2), force: true)).ConflictsAsync("plan.impossible")).Keys);
        (await host.ChangeAsync(plan, "rounds", new { reason = "With blocks" })).EnsureSuccessStatusCode();
        await host.UntilAsync(async db => (await db.Plans.FindAsync(plan)) is { Round: 2, Status: CallPlanStatus.Ready }, "the second round");
        Assert.Equal(split.Shifts, (await host.PlaceOfAsync(plan, one.ExperimentId)).Shifts);
        await host.PublishAsync(plan);
        var told = (await host.SaidAsync<ExperimentScheduled>()).Single(said => said.ExperimentId == one.ExperimentId);
        Assert.Equal([day, day.AddHours(8), day.AddDays(2)], told.Shifts.Select(shift => shift.Start));
        (await host.ChangeAsync(plan, "merges", new { experimentId = one.ExperimentId, blocks = new[] { new { from = day.AddDays(3), shifts = 3 } }, reason = "In one go", force = true })).EnsureSuccessStatusCode();
        Assert.All((await host.PlaceOfAsync(plan, one.ExperimentId)).Shifts, shift => Assert.Equal(0, shift.Block));

        await Assert.RefusedAsync(await host.ChangeAsync(plan, "removals", new { experiments = Array.Empty<Guid>(), reason = "x" }), HttpStatusCode.UnprocessableEntity, "plan.change-invalid");
        (await host.ChangeAsync(plan, "removals", new { experiments = new[] { other.ExperimentId }, reason = "No sample", force = true })).EnsureSuccessStatusCode();
        Assert.Equal(("removed-by-hand", "No sample"), Assert.Single((await host.ReadPlanAsync(plan)).Unplaced).Reasons is [var why] ? (why.Code, why.Text) : default);
        // Until it is published again the teams have what they were promised.
        Assert.All(await host.ReadAsync(async db => await Task.FromResult(db.Experiments.Where(x => x.Id == one.ExperimentId || x.Id == other.ExperimentId).ToList())), experiment => Assert.Equal(ExperimentStatus.Scheduled, experiment.Status));
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var rescheduled = Assert.Single(await host.SaidAsync<ExperimentRescheduled>(), said => said.ExperimentId == one.ExperimentId);
        Assert.Equal((told.Revision + 1, told.Shifts.Count), (rescheduled.Revision, rescheduled.Before.Count));
        Assert.Equal("removed-by-hand", Assert.Single((await host.SaidAsync<ExperimentUnplaced>()).Single(said => said.ExperimentId == other.ExperimentId).Reasons).Code);
    }
}

public sealed class Changes_of_a_published_plan(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Ask_the_pool_for_the_new_time_and_keep_the_old_cell_until_they_are_published()
    {
        var (proposal, plan, old) = await host.ReadyAsync(await host.InstrumentAsync());
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var done = await (await host.MoveAsync(plan, old.ExperimentId, old.From.AddDays(2))).ReadAsync<ChangePlan.Done>();
        Assert.Equal(CallPlanStatus.Reserving, done.Status);
        var asked = (await host.AskedAsync(plan, 2))[^1];
        Assert.Equal((old.From.AddDays(2), old.ReservationId), (asked.From, Assert.Single(asked.Replaces ?? [])));
        Assert.Empty(await host.ReleasedAsync(old.ReservationId));
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.not-ready");
        await host.HearAsync(Reserved(asked) with { CellCode = "POUCH-2" });
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var promised = Assert.Single(await host.ExperimentsAsync(proposal.ProposalId, Maria));
        Assert.Equal((old.From, "POUCH-1"), (promised.From, promised.CellCode));
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        Assert.Single(await host.ReleasedAsync(old.ReservationId));
        promised = Assert.Single(await host.ExperimentsAsync(proposal.ProposalId, Maria));
        Assert.Equal((asked.From, "POUCH-2", 2), (promised.From, promised.CellCode, promised.History.Count));
        var said = Assert.Single(await host.SaidAsync<ExperimentRescheduled>(), one => one.ExperimentId == old.ExperimentId);
        Assert.Equal(("POUCH-2", old.From, asked.From), (said.CellCode, said.Before[0].Start, said.Shifts[0].Start));
    }

    [Fact]
    public async Task Take_an_experiment_out_where_the_pool_has_no_cell_and_leave_everybody_else_alone()
    {
        string one = await host.InstrumentAsync(), two = await host.InstrumentAsync();
        var (moved, stays) = (Experiment(one, 3, "pouch"), Experiment(two));
        var call = Guid.CreateVersion7();
        await host.AcceptAsync(call, moved);
        await host.AcceptAsync(call, stays);
        var plan = await host.PlanAsync(call);
        var first = Assert.Single(await host.AskedAsync(plan, 1));
        await host.HearAsync(Reserved(first));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var before = await host.PlaceOfAsync(plan, stays.ExperimentId);
        (await host.MoveAsync(plan, moved.ExperimentId, first.From.AddDays(3))).EnsureSuccessStatusCode();
        await host.HearAsync(Refused((await host.AskedAsync(plan, 2))[^1], new FreeInterval { From = first.From.AddDays(9) }));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal(["cell.on-loan", "locked-place-refused"], Assert.Single(read.Unplaced).Reasons.Select(why => why.Code));
        Assert.Equal(before.Shifts, Assert.Single(read.Placements).Shifts);
        // Given up, the promise holds as it was, with its cell.
        Assert.Equal(HttpStatusCode.NoContent, (await host.DropAsync(plan)).StatusCode);
        read = await host.ReadPlanAsync(plan);
        Assert.Equal((CallPlanStatus.Published, first.From, ReservationStatus.Held), read.Placements.Single(place => place.ExperimentId == moved.ExperimentId) is var held ? (read.Status, held.From, held.CellStatus) : default);
        Assert.Empty(await host.ReleasedAsync(first.ReservationId));
        Assert.Equal(PlanVersionKind.Discard, (await host.VersionsAsync(plan))[0].Kind);
    }

    [Fact]
    public async Task Do_not_move_what_begins_before_the_freeze_unless_forced()
    {
        var code = await host.InstrumentAsync();
        var experiment = Experiment(code);
        var (plan, _) = await host.ReadyPlanAsync(experiment);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var at = (await host.PlaceOfAsync(plan, experiment.ExperimentId)).From;
        (await host.ChangeAsync(plan, "freeze", new { until = at.AddDays(1), reason = "Tickets are booked" }, method: HttpMethod.Put)).EnsureSuccessStatusCode();
        Assert.Equal((PlanVersionKind.Freeze, Office.Id, "Tickets are booked"), (await host.VersionsAsync(plan))[0] is var version ? (version.Kind, version.By, version.Reason) : default);
        Assert.Equal(["frozen"], (await (await host.MoveAsync(plan, experiment.ExperimentId, at.AddDays(2))).ConflictsAsync()).Keys);
        var done = await (await host.MoveAsync(plan, experiment.ExperimentId, at.AddDays(2), force: true, reason: "The beamline scientist is ill")).ReadAsync<ChangePlan.Done>();
        Assert.Equal(["frozen"], done.Forced);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        Assert.Equal("The beamline scientist is ill", Assert.Single(await host.SaidAsync<ExperimentRescheduled>(), said => said.ExperimentId == experiment.ExperimentId).Reason);
    }

    [Fact]
    public async Task Are_frozen_by_somebody_and_for_a_reason_told_to_those_who_see_what_is_frozen()
    {
        string here = await host.InstrumentAsync(), there = await host.InstrumentAsync("bnc");
        var (early, late) = (Experiment(here), Experiment(there));
        var (plan, _) = await host.ReadyPlanAsync(early, late);
        var end = (await host.PlaceOfAsync(plan, early.ExperimentId)).To;
        (await host.MoveAsync(plan, late.ExperimentId, end.AddDays(4).AddHours(-8))).EnsureSuccessStatusCode();
        await FreezeAsync(end.AddDays(1), "Tickets are booked");
        Assert.Equal([(Office.Id, "Tickets are booked"), (Office.Id, "Tickets are booked"), (null, null)], await ToldAsync());
        await FreezeAsync(end.AddDays(9), "All travel is booked");
        Assert.Equal([(Office.Id, "All travel is booked"), (Office.Id, "All travel is booked"), (Office.Id, "All travel is booked")], await ToldAsync());
        // Whose places are let go again is concerned, too.
        await FreezeAsync(null, "The run is put off");
        Assert.Equal([(Office.Id, "The run is put off"), (Office.Id, "The run is put off"), (Office.Id, "The run is put off")], await ToldAsync());

        async Task FreezeAsync(DateTimeOffset? until, string reason) => (await host.ChangeAsync(plan, "freeze", new { until, reason }, method: HttpMethod.Put)).EnsureSuccessStatusCode();

        async Task<List<(Guid? By, string? Reason)>> ToldAsync()
        {
            List<(Guid?, string?)> told = [];
            foreach (var reader in new[] { Office, Staff, OtherStaff })
            {
                var latest = (await host.ReadAsync<List<ListVersions.Response>>($"plans/{plan}/versions", reader))[0];
                Assert.Equal(PlanVersionKind.Freeze, latest.Kind);
                told.Add((latest.By, latest.Reason));
            }
            return told;
        }
    }

    [Fact]
    public async Task Are_undone_but_for_what_has_begun_which_is_named()
    {
        var (begun, other) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync()));
        var (plan, _) = await host.ReadyPlanAsync(begun, other);
        var (first, second) = ((await host.PlaceOfAsync(plan, begun.ExperimentId)).From, (await host.PlaceOfAsync(plan, other.ExperimentId)).From);
        (await host.MoveAsync(plan, begun.ExperimentId, first.AddDays(2))).EnsureSuccessStatusCode();
        (await host.MoveAsync(plan, other.ExperimentId, second.AddDays(3))).EnsureSuccessStatusCode();
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        (await host.As(Staff).PostAsync($"/api/scheduling/experiments/{begun.ExperimentId}/start", null)).EnsureSuccessStatusCode();
        var done = await (await host.ChangeAsync(plan, "versions/1/restoration", new { reason = "As it was" })).ReadAsync<ChangePlan.Done>();
        Assert.Equal([begun.ExperimentId], done.LeftOut);
        Assert.Equal((first.AddDays(2), second), ((await host.PlaceOfAsync(plan, begun.ExperimentId)).From, (await host.PlaceOfAsync(plan, other.ExperimentId)).From));
    }

    [Fact]
    public async Task Are_refused_for_what_has_begun()
    {
        var experiment = Experiment(await host.InstrumentAsync());
        var (plan, _) = await host.ReadyPlanAsync(experiment, Experiment(await host.InstrumentAsync()));
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var at = (await host.PlaceOfAsync(plan, experiment.ExperimentId)).From;
        (await host.As(Staff).PostAsync($"/api/scheduling/experiments/{experiment.ExperimentId}/start", null)).EnsureSuccessStatusCode();
        Assert.Contains("already-begun", (await (await host.MoveAsync(plan, experiment.ExperimentId, at.AddDays(2), force: true)).ConflictsAsync("plan.impossible")).Keys);
    }
}

public sealed class A_change_that_touches_another_site(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private async Task<(Guid Plan, ExperimentRequest Own, ExperimentRequest Theirs, ChangePlan.Asked Asked)> AskedAsync()
    {
        var (own, theirs) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync("bnc")));
        var (plan, _) = await host.ReadyPlanAsync(own, theirs);
        var at = (await host.PlaceOfAsync(plan, theirs.ExperimentId)).From;
        var asked = await (await host.MoveAsync(plan, theirs.ExperimentId, at.AddDays(3), by: Staff)).ReadAsync<ChangePlan.Asked>(HttpStatusCode.Accepted);
        Assert.Equal(["bnc"], asked.Sites);
        Assert.Equal(at, (await host.PlaceOfAsync(plan, theirs.ExperimentId)).From);
        return (plan, own, theirs, asked);
    }

    [Fact]
    public async Task Or_an_instrument_of_no_site_is_made_by_the_user_office()
    {
        var code = await host.InstrumentAsync();
        await host.HearAsync(SchedulingHost.Instrument(code, "", 2) with { SiteCode = null });
        var experiment = Experiment(code);
        var (plan, _) = await host.ReadyPlanAsync(experiment);
        var at = (await host.PlaceOfAsync(plan, experiment.ExperimentId)).From;
        await Assert.RefusedAsync(await host.MoveAsync(plan, experiment.ExperimentId, at.AddDays(3), by: Staff), HttpStatusCode.Forbidden, "plan.other-site");
        Assert.Equal(at, (await host.PlaceOfAsync(plan, experiment.ExperimentId)).From);
        (await host.MoveAsync(plan, experiment.ExperimentId, at.AddDays(3))).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Is_made_when_that_site_agrees_and_by_nobody_else_before()
    {
        var (plan, _, theirs, asked) = await AskedAsync();
        Assert.Equal(["bnc"], (await host.SaidAsync<PlanChangeRequested>()).Single(said => said.RequestId == asked.RequestId).Sites);
        var path = $"/api/scheduling/plans/{plan}/changes/{asked.RequestId}";
        await Assert.RefusedAsync(await host.As(Staff).PostAsJsonAsync(path + "/agreement", new { reason = "I agree with myself" }), HttpStatusCode.Forbidden, "plan.other-site");
        Assert.Single(await host.ReadAsync<List<DecideChange.Line>>($"plans/{plan}/changes", OtherStaff));
        Assert.Single(await host.ReadAsync<List<DecideChange.Line>>($"plans/{plan}/changes", Staff));
        var before = (await host.PlaceOfAsync(plan, theirs.ExperimentId)).From;
        var made = await (await host.As(OtherStaff).PostAsJsonAsync(path + "/agreement", new { reason = "Fine with us" })).ReadAsync<DecideChange.Response>();
        Assert.Equal((ChangeRequestStatus.Made, 2), (made.Status, made.Version));
        Assert.Equal(before.AddDays(3), (await host.PlaceOfAsync(plan, theirs.ExperimentId)).From);
        // Whose change it is does not depend on who agreed last; that stands in the request.
        Assert.Equal(Staff.Id, (await host.VersionsAsync(plan))[0].By);
        Assert.Equal(OtherStaff.Id, Assert.Single(await host.ReadAsync<List<DecideChange.Line>>($"plans/{plan}/changes", Staff)).DecidedBy);
        Assert.True((await host.SaidAsync<PlanChangeDecided>()).Single(said => said.RequestId == asked.RequestId).Made);
        await Assert.RefusedAsync(await host.As(OtherStaff).PostAsJsonAsync(path + "/refusal", new { reason = "Rather not" }), HttpStatusCode.Conflict, "change.decided");
    }

    [Fact]
    public async Task Is_not_made_when_that_site_refuses()
    {
        var (plan, _, theirs, asked) = await AskedAsync();
        var before = (await host.PlaceOfAsync(plan, theirs.ExperimentId)).From;
        var said = await (await host.As(OtherStaff).PostAsJsonAsync($"/api/scheduling/plans/{plan}/changes/{asked.RequestId}/refusal", new { reason = "Nobody is here" })).ReadAsync<DecideChange.Response>();
        Assert.Equal(ChangeRequestStatus.Refused, said.Status);
        Assert.Equal(before, (await host.PlaceOfAsync(plan, theirs.ExperimentId)).From);
        Assert.Single(await host.VersionsAsync(plan));
    }

    [Fact]
    public async Task Is_judged_again_when_it_is_agreed_to()
    {
        var (plan, _, theirs, asked) = await AskedAsync();
        var at = (await host.PlaceOfAsync(plan, theirs.ExperimentId)).From;
        (await host.ChangeAsync(plan, "forbids", new { experimentId = theirs.ExperimentId, from = at.AddDays(3), reason = "The reactor stops" }, OtherStaff)).EnsureSuccessStatusCode();
        Assert.Contains("forbidden", (await (await host.As(OtherStaff).PostAsJsonAsync($"/api/scheduling/plans/{plan}/changes/{asked.RequestId}/agreement", new { reason = "Yes" })).ConflictsAsync()).Keys);
        Assert.Equal(at, (await host.PlaceOfAsync(plan, theirs.ExperimentId)).From);
    }

    [Fact]
    public async Task Is_not_made_where_somebody_has_moved_the_same_meanwhile()
    {
        var (plan, _, theirs, asked) = await AskedAsync();
        var at = (await host.PlaceOfAsync(plan, theirs.ExperimentId)).From;
        (await host.MoveAsync(plan, theirs.ExperimentId, at.AddDays(6), by: OtherStaff)).EnsureSuccessStatusCode();
        var path = $"/api/scheduling/plans/{plan}/changes/{asked.RequestId}";
        await Assert.RefusedAsync(await host.As(OtherStaff).PostAsJsonAsync(path + "/agreement", new { reason = "Yes" }), HttpStatusCode.Conflict, "change.outdated");
        Assert.Equal(at.AddDays(6), (await host.PlaceOfAsync(plan, theirs.ExperimentId)).From);
        (await host.As(OtherStaff).PostAsJsonAsync(path + "/refusal", new { reason = "Too late" })).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Forces_only_the_conflicts_that_were_known_when_it_was_asked()
    {
        var (plan, _, theirs, _) = await AskedAsync();
        var at = (await host.PlaceOfAsync(plan, theirs.ExperimentId)).From;
        (await host.ChangeAsync(plan, "locks", new { experiments = new[] { theirs.ExperimentId }, reason = "Known" }, OtherStaff)).EnsureSuccessStatusCode();
        var asked = await (await host.MoveAsync(plan, theirs.ExperimentId, at.AddDays(3), force: true, by: Staff)).ReadAsync<ChangePlan.Asked>(HttpStatusCode.Accepted);
        (await host.ChangeAsync(plan, "forbids", new { experimentId = theirs.ExperimentId, from = at.AddDays(3), reason = "Not known" }, OtherStaff)).EnsureSuccessStatusCode();
        var path = $"/api/scheduling/plans/{plan}/changes/{asked.RequestId}/agreement";
        Assert.Equal(["forbidden", "locked"], (await (await host.As(OtherStaff).PostAsJsonAsync(path, new { reason = "Yes" })).ConflictsAsync()).Keys.Order());
        Assert.Equal(at, (await host.PlaceOfAsync(plan, theirs.ExperimentId)).From);
        var forbid = Assert.Single(await host.ReadAsync<List<ForbidExperiment.Line>>($"plans/{plan}/forbids")).Id;
        (await host.ChangeAsync(plan, $"forbids/{forbid}", new { }, OtherStaff, method: HttpMethod.Delete)).EnsureSuccessStatusCode();
        (await host.As(OtherStaff).PostAsJsonAsync(path, new { reason = "Yes" })).EnsureSuccessStatusCode();
        Assert.Equal(at.AddDays(3), (await host.PlaceOfAsync(plan, theirs.ExperimentId)).From);
    }

    [Fact]
    public async Task Says_by_whom_and_why_only_to_those_whose_experiments_it_moved()
    {
        var (plan, own, _, _) = await AskedAsync();
        var tag = await host.TagAsync(plan);
        var at = (await host.PlaceOfAsync(plan, own.ExperimentId)).From;
        (await host.MoveAsync(plan, own.ExperimentId, at.AddDays(6), by: Staff, reason: "A secret of the team")).EnsureSuccessStatusCode();
        foreach (var (who, told) in new[] { (Staff, true), (Office, true), (OtherStaff, false) })
        {
            var last = (await host.ReadAsync<List<ListVersions.Response>>($"plans/{plan}/versions", who))[0];
            Assert.Equal((told ? Staff.Id : null, told ? "A secret of the team" : null), (last.By, last.Reason));
            var stale = await (await host.ChangeAsync(plan, "rounds", new { reason = "x" }, who, tag)).Content.ReadAsStringAsync();
            Assert.Equal((true, told), (stale.Contains("stale-write", StringComparison.Ordinal), stale.Contains("secret", StringComparison.Ordinal)));
            var read = await host.ReadAsync<ReadPlan.Response>($"plans/{plan}", who);
            Assert.Equal(told, read.History.Any(change => change.Reason == "A secret of the team"));
        }
    }

    [Fact]
    public async Task Is_asked_even_if_only_a_forced_conflict_reaches_there_and_the_user_office_decides_for_all()
    {
        var (own, theirs) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync("bnc")));
        var call = Guid.CreateVersion7();
        var one = await host.AcceptAsync(call, own);
        await host.HearAsync(host.Accepted(call, theirs) with { Team = one.Team });
        var plan = await host.PlanAsync(call);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var target = (await host.PlaceOfAsync(plan, theirs.ExperimentId)).From;
        var conflicts = await (await host.MoveAsync(plan, own.ExperimentId, target, by: Staff)).ConflictsAsync();
        // Staff learns that there is an experiment elsewhere in the way, but not whose.
        var hidden = conflicts["team-overlap"].GetProperty("concerned").EnumerateArray().Single(who => who.GetProperty("experimentId").GetGuid() == theirs.ExperimentId);
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (hidden.GetProperty("title").ValueKind, hidden.GetProperty("leaderId").ValueKind));
        var asked = await (await host.MoveAsync(plan, own.ExperimentId, target, force: true, by: Staff)).ReadAsync<ChangePlan.Asked>(HttpStatusCode.Accepted);
        Assert.Equal(["bnc"], asked.Sites);
        var made = await (await host.As(Office).PostAsJsonAsync($"/api/scheduling/plans/{plan}/changes/{asked.RequestId}/agreement", new { reason = "They share the team" })).ReadAsync<DecideChange.Response>();
        Assert.Equal(ChangeRequestStatus.Made, made.Status);
        Assert.Equal(target, (await host.PlaceOfAsync(plan, own.ExperimentId)).From);
    }
}
