using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Proposals;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Holding;
using Tutti.Scheduling.Planning;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class A_plan_of_a_call(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Goes_from_acceptance_over_a_refused_cell_to_published_shifts_that_are_measured()
    {
        string xafs = await host.InstrumentAsync(), mcx = await host.InstrumentAsync(), psd = await host.InstrumentAsync("bnc");
        var xas = Experiment(xafs, 3, "pouch");
        var xrd = Experiment(mcx, 2, "pouch", true, new ExperimentOrder { ExperimentId = xas.ExperimentId, MinGapHours = 8 });
        var neutrons = Experiment(psd, 2, null, true, new ExperimentOrder { ExperimentId = xrd.ExperimentId, MinGapHours = 24 });
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), xas, xrd, neutrons);
        var plan = await host.PlanAsync(proposal.CallId);

        var asked = await host.AskedAsync(plan, 2);
        var first = asked.Single(one => one.ExperimentId == xas.ExperimentId);
        Assert.Equal((xafs, "pouch", "operando"), (first.InstrumentCode, first.CellDesignCode, first.Mode));
        await host.HearAsync(Reserved(asked.Single(one => one.ExperimentId == xrd.ExperimentId)));
        Assert.Equal(CallPlanStatus.Reserving, (await host.ReadPlanAsync(plan)).Status);
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.not-ready");
        var free = first.From.AddDays(3);
        await host.HearAsync(Refused(first, new FreeInterval { From = free }));

        // The XRD after it has to move too: its cell is let go and asked for anew.
        var again = (await host.AskedAsync(plan, 4)).Where(one => !asked.Contains(one)).ToList();
        var second = again.Single(one => one.ExperimentId == xas.ExperimentId);
        Assert.True(second.From >= free);
        Assert.Single(await host.ReleasedAsync(asked.Single(one => one.ExperimentId == xrd.ExperimentId).ReservationId));
        Assert.Empty(await host.ReleasedAsync(first.ReservationId));
        foreach (var one in again) await host.HearAsync(Reserved(one));
        await host.UntilAsync(plan, CallPlanStatus.Ready);

        var ready = await host.ReadPlanAsync(plan);
        Assert.Equal((2, "optimal", false), (ready.Rounds, ready.SolverStatus, ready.Stale));
        Assert.Equal(ready.Objective, ready.Bound);
        var placed = ready.Placements.ToDictionary(one => one.ExperimentId);
        Assert.True(placed[xrd.ExperimentId].From >= placed[xas.ExperimentId].To.AddHours(8));
        Assert.True(placed[neutrons.ExperimentId].From >= placed[xrd.ExperimentId].To.AddHours(24));
        Assert.Equal(("POUCH-1", ReservationStatus.Held), (placed[xas.ExperimentId].CellCode, placed[xas.ExperimentId].CellStatus));
        Assert.Equal(3, placed[xas.ExperimentId].Shifts.Count);
        Assert.All(placed.Values.SelectMany(one => one.Shifts), shift => Assert.Matches(@"^\d{4}-\d\d-\d\d (00:00-08:00|08:00-16:00|16:00-00:00)$", shift.Label));
        Assert.Empty(await host.SaidAsync<ExperimentScheduled>() is var early ? early.FindAll(one => one.PlanId == plan) : []);

        Assert.Equal(HttpStatusCode.NoContent, (await host.PublishAsync(plan)).StatusCode);
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.not-ready");
        var told = (await host.SaidAsync<ExperimentScheduled>()).FindAll(one => one.PlanId == plan).ToDictionary(one => one.ExperimentId);
        Assert.Equal(3, told.Count);
        Assert.Equal(("POUCH-1", 3, xafs), (told[xas.ExperimentId].CellCode, told[xas.ExperimentId].Shifts.Count, told[xas.ExperimentId].InstrumentCode));
        Assert.Null(told[neutrons.ExperimentId].CellCode);
        var published = Assert.Single(await host.SaidAsync<PlanPublished>(), one => one.PlanId == plan);
        Assert.Equal((3, 0), (published.Placed, published.Unplaced));

        var path = $"/api/scheduling/experiments/{xas.ExperimentId}";
        await Assert.RefusedAsync(await host.As(Staff).PostAsJsonAsync(path + "/finish", new { shiftsUsed = 3 }), HttpStatusCode.Conflict, "experiment.not-started");
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(OtherStaff).PostAsync(path + "/start", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(Maria).PostAsync(path + "/start", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await host.As(Staff).PostAsync(path + "/start", null)).StatusCode);
        await Assert.RefusedAsync(await host.As(Staff).PostAsync(path + "/start", null), HttpStatusCode.Conflict, "experiment.already-started");
        await Assert.RefusedAsync(await host.As(Staff).PostAsJsonAsync(path + "/finish", new { shiftsUsed = -1 }), HttpStatusCode.UnprocessableEntity, "experiment.invalid");
        Assert.Equal(HttpStatusCode.NoContent, (await host.As(Staff).PostAsJsonAsync(path + "/finish", new { shiftsUsed = 3 })).StatusCode);
        await Assert.RefusedAsync(await host.As(Staff).PostAsJsonAsync(path + "/finish", new { shiftsUsed = 3 }), HttpStatusCode.Conflict, "experiment.already-finished");
        var started = Assert.Single(await host.SaidAsync<ExperimentStarted>(), one => one.ExperimentId == xas.ExperimentId);
        var finished = Assert.Single(await host.SaidAsync<ExperimentFinished>(), one => one.ExperimentId == xas.ExperimentId);
        Assert.Equal((1, 2, 3, 3), (told[xas.ExperimentId].Revision, started.Revision, finished.Revision, finished.ShiftsUsed));
        var read = (await host.ExperimentsAsync(proposal.ProposalId, Maria)).Single(one => one.Id == xas.ExperimentId);
        Assert.Equal([ExperimentStatus.Scheduled, ExperimentStatus.Running, ExperimentStatus.Done], read.History.Select(change => change.To));
        Assert.Equal(3, (await host.ExperimentsAsync(proposal.ProposalId, Maria)).Count);
        Assert.Equal(2, (await host.ExperimentsAsync(proposal.ProposalId, Staff)).Count);
        Assert.Single(await host.ExperimentsAsync(proposal.ProposalId, OtherStaff));
        Assert.Empty(await host.ExperimentsAsync(proposal.ProposalId, Stranger));
        Assert.Equal(2, (await host.ReadPlanAsync(plan, Staff)).Placements.Count);
    }

    [Fact]
    public async Task Honours_what_the_team_said_of_when_and_with_how_little_it_would_come()
    {
        string shortly = await host.InstrumentAsync(days: 2), other = await host.InstrumentAsync();
        var monday = DateTimeOffset.Parse($"{host.Day(0)}T00:00:00Z", CultureInfo.InvariantCulture);
        var content = Experiment(shortly, 60) with { MinShifts = 2 };
        var greedy = Experiment(shortly, 60, required: false);
        var late = Experiment(other, 1) with { Preferred = [new() { From = monday.AddDays(6), To = monday.AddDays(8) }] };
        var never = Experiment(other, 1) with { Unacceptable = [new() { From = monday.AddDays(-2), To = monday.AddDays(5) }] };
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), content, greedy, late, never);
        var plan = await host.PlanAsync(proposal.CallId);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var read = await host.ReadPlanAsync(plan);
        Assert.InRange(read.Placements.Single(one => one.ExperimentId == content.ExperimentId).Shifts.Count, 2, 6);
        Assert.Equal([greedy.ExperimentId], read.Unplaced.Select(one => one.ExperimentId));
        Assert.InRange(read.Placements.Single(one => one.ExperimentId == late.ExperimentId).Shifts[0].Start, monday.AddDays(6).AddHours(-1), monday.AddDays(8));
        Assert.True(read.Placements.Single(one => one.ExperimentId == never.ExperimentId).Shifts[0].Start >= monday.AddDays(5));
    }

    [Theory]
    [InlineData(20, true)]
    [InlineData(45, false)]
    [InlineData(80, true)]
    public async Task Leaves_nobody_out_who_would_rather_come_at_another_time(double grade, bool required)
    {
        var monday = new DateTimeOffset(host.Monday, TimeSpan.Zero);
        var wish = Experiment(await host.InstrumentAsync(), 1, required: required) with { Preferred = [new() { From = monday.AddDays(30), To = monday.AddDays(32) }] };
        var call = Guid.CreateVersion7();
        await host.HearAsync(host.Accepted(call, wish) with { Grade = grade });
        var plan = await host.PlanAsync(call);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Single((await host.ReadPlanAsync(plan)).Placements);
    }

    [Fact]
    public async Task Keeps_what_is_held_when_only_something_else_is_refused()
    {
        string one = await host.InstrumentAsync(), two = await host.InstrumentAsync();
        var call = Guid.CreateVersion7();
        var stays = await host.AcceptAsync(call, Experiment(one, cell: "pouch"));
        var moves = host.Accepted(call, Experiment(two, cell: "pouch"));
        await host.HearAsync(moves);
        var plan = await host.PlanAsync(call);
        var asked = await host.AskedAsync(plan, 2);
        var held = asked.Single(cell => cell.ProposalId == stays.ProposalId);
        var refused = asked.Single(cell => cell.ProposalId == moves.ProposalId);
        await host.HearAsync(Refused(refused, new FreeInterval { From = refused.To }));
        await host.HearAsync(Reserved(held));
        var again = (await host.AskedAsync(plan, 3)).Where(cell => !asked.Contains(cell)).ToList();
        Assert.Equal(moves.ProposalId, Assert.Single(again).ProposalId);
        await host.HearAsync(Reserved(again[0]));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Empty(await host.ReleasedAsync(held.ReservationId));
        Assert.Equal(held.From, (await host.ReadPlanAsync(plan)).Placements.Single(place => place.ProposalId == stays.ProposalId).From);
    }

    [Fact]
    public async Task Leaves_out_a_proposal_whose_required_cell_is_never_free_and_tells_the_pools_reason()
    {
        string one = await host.InstrumentAsync(), two = await host.InstrumentAsync();
        var needs = Experiment(one, cell: "unknown-design");
        var other = Experiment(two, cell: "pouch");
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), needs, other);
        var plan = await host.PlanAsync(proposal.CallId);
        var asked = await host.AskedAsync(plan, 2);
        var held = asked.Single(cell => cell.ExperimentId == other.ExperimentId);
        await host.HearAsync(Reserved(held));
        await host.HearAsync(Refused(asked.Single(cell => cell.ExperimentId == needs.ExperimentId)));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var read = await host.ReadPlanAsync(plan);
        Assert.Empty(read.Placements);
        Assert.Equal("cell.on-loan", Assert.Single(read.Unplaced.Single(line => line.ExperimentId == needs.ExperimentId).Reasons).Code);
        Assert.Equal("proposal-incomplete", Assert.Single(read.Unplaced.Single(line => line.ExperimentId == other.ExperimentId).Reasons).Code);
        Assert.Single(await host.ReleasedAsync(held.ReservationId));
        Assert.Equal(HttpStatusCode.NoContent, (await host.PublishAsync(plan)).StatusCode);
        Assert.Equal(2, (await host.SaidAsync<ExperimentUnplaced>()).Count(told => told.PlanId == plan));
        Assert.Equal(0, Assert.Single(await host.SaidAsync<PlanPublished>(), told => told.PlanId == plan).Placed);
        // It may be asked for again: the experiments are still granted.
        await host.PlanAsync(proposal.CallId);
    }

    [Fact]
    public async Task Leaves_out_after_the_last_round_what_cannot_be_held()
    {
        var code = await host.InstrumentAsync();
        var (wanted, optional) = (Experiment(code, 1, "pouch"), Experiment(code, 1, "pouch", required: false));
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), wanted, optional);
        var plan = await host.PlanAsync(proposal.CallId);
        HashSet<Guid> answered = [];
        for (var round = 1; round <= 4; round++)
        {
            await host.UntilAsync(async db => await db.Plans.AnyAsync(x => x.Id == plan && x.Round == round && x.Status == CallPlanStatus.Reserving), $"round {round}");
            foreach (var asked in (await host.AskedAsync(plan, 1)).Where(asked => answered.Add(asked.ReservationId)))
                if (asked.ExperimentId == optional.ExperimentId) await host.HearAsync(Reserved(asked));
                else await host.HearAsync(Refused(asked, new FreeInterval { From = asked.From.AddHours(8) }));
        }
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal((4, 0L, 2), (read.Rounds, read.Objective, read.Unplaced.Count));
        Assert.False(await host.ReadAsync(db => db.Reservations.AnyAsync(x => x.PlanId == plan && x.Status == ReservationStatus.Held)));
    }

    [Fact]
    public async Task Never_takes_shifts_that_are_promised_nor_a_source_that_runs_nor_a_team_that_is_elsewhere()
    {
        string one = await host.InstrumentAsync("elettra", 2, "undulator-7"), two = await host.InstrumentAsync("elettra", 4, "undulator-7"), far = await host.InstrumentAsync("bnc", 4);
        var first = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(one, 3));
        var plan = await host.PlanAsync(first.CallId);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Equal(HttpStatusCode.NoContent, (await host.PublishAsync(plan)).StatusCode);
        var promised = Assert.Single((await host.ReadPlanAsync(plan)).Placements);

        var call = Guid.CreateVersion7();
        var sharing = host.Accepted(call, Experiment(two, 3));
        var crowded = host.Accepted(call, Experiment(one, 4));
        var sameTeam = host.Accepted(call, Experiment(far, 3)) with { Team = first.Team };
        await host.HearAsync(sameTeam);
        await host.HearAsync(sharing);
        await host.HearAsync(crowded);
        var second = await host.PlanAsync(call);
        await host.UntilAsync(second, CallPlanStatus.Ready);
        var read = await host.ReadPlanAsync(second);
        Assert.True(read.Placements.Single(place => place.ProposalId == sharing.ProposalId).From >= promised.To);
        var elsewhere = read.Placements.Single(place => place.ProposalId == sameTeam.ProposalId);
        Assert.True(elsewhere.From >= promised.To.AddHours(8) || elsewhere.To <= promised.From.AddHours(-8));
        Assert.Contains(read.Unplaced.Single(line => line.ProposalId == crowded.ProposalId).Reasons, reason => reason.Code == "instrument-full");
    }

    [Fact]
    public async Task Honours_the_order_to_an_experiment_that_is_promised_already()
    {
        string one = await host.InstrumentAsync(), two = await host.InstrumentAsync();
        var early = Experiment(one, 3);
        var late = Experiment(two, 30, null, false, new ExperimentOrder { ExperimentId = early.ExperimentId, MinGapHours = 48, MaxGapHours = 96 });
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), early, late);
        var plan = await host.PlanAsync(proposal.CallId);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Equal(late.ExperimentId, Assert.Single((await host.ReadPlanAsync(plan)).Unplaced).ExperimentId);
        Assert.Equal(HttpStatusCode.NoContent, (await host.PublishAsync(plan)).StatusCode);
        var promised = Assert.Single((await host.ReadPlanAsync(plan)).Placements);
        (await host.PutCalendarAsync(two, host.Calendar(30))).EnsureSuccessStatusCode();
        var second = await host.PlanAsync(proposal.CallId);
        await host.UntilAsync(second, CallPlanStatus.Ready);
        var placed = Assert.Single((await host.ReadPlanAsync(second)).Placements);
        Assert.InRange(placed.From, promised.To.AddHours(48), promised.To.AddHours(96));
        Assert.Equal((await host.ReadPlanAsync(second)).Objective, (await host.ReadPlanAsync(second)).Bound);
    }

    [Fact]
    public async Task Is_stale_after_a_calendar_has_changed_and_gives_way_to_another()
    {
        var code = await host.InstrumentAsync();
        var (proposal, plan, asked) = await host.ReadyAsync(code);
        await Assert.RefusedAsync(await host.As(Staff).PostAsync($"/api/scheduling/calls/{proposal.CallId}/plans", null), HttpStatusCode.Conflict, "plan.already-open");
        (await host.PutCalendarAsync(code, host.Calendar(20))).EnsureSuccessStatusCode();
        Assert.True((await host.ReadPlanAsync(plan)).Stale);
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.stale");
        var next = await host.PlanAsync(proposal.CallId, plan);
        Assert.Equal(CallPlanStatus.Superseded, (await host.ReadPlanAsync(plan)).Status);
        Assert.Single(await host.ReleasedAsync(asked.ReservationId));
        await host.HearAsync(Reserved(Assert.Single(await host.AskedAsync(next, 1))));
        await host.UntilAsync(next, CallPlanStatus.Ready);
        Assert.Equal(HttpStatusCode.NoContent, (await host.PublishAsync(next)).StatusCode);
    }

    [Fact]
    public async Task Is_stale_after_another_call_has_taken_the_shifts()
    {
        var code = await host.InstrumentAsync("elettra", 1);
        var (one, other) = (await host.AcceptAsync(Guid.CreateVersion7(), Experiment(code)), await host.AcceptAsync(Guid.CreateVersion7(), Experiment(code)));
        Guid first = await host.PlanAsync(one.CallId), second = await host.PlanAsync(other.CallId);
        await host.UntilAsync(first, CallPlanStatus.Ready);
        await host.UntilAsync(second, CallPlanStatus.Ready);
        var answers = await Task.WhenAll(host.PublishAsync(first), host.PublishAsync(second));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.NoContent);
        Assert.Single(answers, answer => answer.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed);
        Assert.Single(await host.SaidAsync<ExperimentScheduled>(), said => said.PlanId == first || said.PlanId == second);
    }

    [Fact]
    public async Task Asked_for_ten_times_at_once_is_made_once()
    {
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(await host.InstrumentAsync()));
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => host.As(Office).PostAsync($"/api/scheduling/calls/{proposal.CallId}/plans", null)));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Accepted);
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.Accepted)) await Assert.RefusedAsync(answer, HttpStatusCode.Conflict, "plan.already-open");
        Assert.Equal(1, await host.ReadAsync(db => db.Plans.CountAsync(x => x.CallId == proposal.CallId)));
    }

    [Fact]
    public async Task Given_up_releases_everything_held_or_asked()
    {
        string one = await host.InstrumentAsync(), two = await host.InstrumentAsync();
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(one, cell: "pouch"), Experiment(two, cell: "pouch"));
        var plan = await host.PlanAsync(proposal.CallId);
        var asked = await host.AskedAsync(plan, 2);
        await host.HearAsync(Reserved(asked[0]));
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(Staff).DeleteAsync($"/api/scheduling/plans/{plan}")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await host.DropAsync(plan)).StatusCode);
        await Assert.RefusedAsync(await host.DropAsync(plan), HttpStatusCode.Conflict, "plan.not-open");
        foreach (var each in asked) Assert.Single(await host.ReleasedAsync(each.ReservationId));
        // The pool's answer crosses the release: the cell is let go once more.
        await host.HearAsync(Reserved(asked[1]));
        Assert.Equal(2, (await host.ReleasedAsync(asked[1].ReservationId)).Count);
        Assert.Equal(CallPlanStatus.Superseded, (await host.ReadPlanAsync(plan)).Status);
        await host.PlanAsync(proposal.CallId);
    }

    [Fact]
    public async Task Cannot_be_published_after_the_pool_has_taken_a_cell_back()
    {
        var (proposal, plan, asked) = await host.ReadyAsync(await host.InstrumentAsync());
        await host.HearAsync(TakenBack(asked));
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.stale");
        await host.PlanAsync(proposal.CallId, plan);
    }

    [Fact]
    public async Task Takes_in_a_proposal_that_is_accepted_while_cells_are_asked_for()
    {
        var call = Guid.CreateVersion7();
        string one = await host.InstrumentAsync(), two = await host.InstrumentAsync();
        await host.AcceptAsync(call, Experiment(one, cell: "pouch"));
        var plan = await host.PlanAsync(call);
        var asked = Assert.Single(await host.AskedAsync(plan, 1));
        var late = host.Accepted(call, Experiment(two));
        await host.HearAsync(late);
        await host.HearAsync(Reserved(asked));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Contains((await host.ReadPlanAsync(plan)).Placements, place => place.ProposalId == late.ProposalId);
        Assert.Empty(await host.ReleasedAsync(asked.ReservationId));
    }
}

public sealed class A_plan_in_other_hands(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private async Task<Guid> LeasedAsync(CallPlanStatus status, TimeSpan until, int attempts = 1)
    {
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(await host.InstrumentAsync()));
        var now = host.Time.GetUtcNow();
        var plan = CallPlan.Request(Guid.CreateVersion7(now), proposal.CallId, Office.Id, now);
        if (status == CallPlanStatus.Solving) plan.Solve(Guid.CreateVersion7(now), now);
        await host.ReadAsync(async db =>
        {
            var row = db.Add(plan);
            row.Property(x => x.LeaseOwner).CurrentValue = Guid.CreateVersion7();
            row.Property(x => x.LeaseUntil).CurrentValue = now + until;
            row.Property(x => x.Attempts).CurrentValue = attempts;
            db.Add(new OpenPlan { CallId = proposal.CallId, PlanId = plan.Id });
            return await db.SaveChangesAsync();
        });
        return plan.Id;
    }

    [Fact]
    public async Task Is_left_alone_as_long_as_the_lease_holds_and_taken_over_afterwards()
    {
        var held = await LeasedAsync(CallPlanStatus.Solving, TimeSpan.FromHours(1));
        var free = await host.PlanAsync((await host.AcceptAsync(Guid.CreateVersion7(), Experiment(await host.InstrumentAsync()))).CallId);
        await host.UntilAsync(free, CallPlanStatus.Ready);
        Assert.Equal(CallPlanStatus.Solving, (await host.ReadPlanAsync(held)).Status);
        await host.ReadAsync(async db =>
        {
            db.Entry(await db.Plans.SingleAsync(x => x.Id == held)).Property(x => x.LeaseUntil).CurrentValue = host.Time.GetUtcNow();
            return await db.SaveChangesAsync();
        });
        await host.UntilAsync(held, CallPlanStatus.Ready);
        Assert.Single((await host.ReadPlanAsync(held)).Placements);
        Assert.Equal((0, null), await host.ReadAsync(db => db.Plans.Where(x => x.Id == held).Select(x => new ValueTuple<int, Guid?>(x.Attempts, x.LeaseOwner)).SingleAsync()));
    }

    [Fact]
    public async Task That_were_killed_before_they_began_is_taken_over()
    {
        var plan = await LeasedAsync(CallPlanStatus.Requested, -TimeSpan.FromSeconds(1));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
    }

    /// <summary>A run that a worker has left behind.</summary>
    private async Task<Guid> LeftRunAsync(Guid plan) => await host.ReadAsync(async db =>
    {
        var now = host.Time.GetUtcNow();
        var problem = new PlanningProblem { Grid = new(now, TimeSpan.FromHours(1)), Instruments = [], Experiments = [] };
        var run = PlanRun.Begin(Guid.CreateVersion7(now), await db.Plans.SingleAsync(x => x.Id == plan), problem, new(), now);
        db.Add(run);
        await db.SaveChangesAsync();
        return run.Id;
    });

    private async Task<ReadRuns.Response> RunAsync(Guid plan, Guid run) => (await host.ReadAsync<List<ReadRuns.Response>>($"plans/{plan}/runs")).Single(one => one.Id == run);

    [Fact]
    public async Task That_is_given_up_has_no_run_that_says_that_it_searches()
    {
        var plan = await LeasedAsync(CallPlanStatus.Solving, TimeSpan.FromHours(1));
        var run = await LeftRunAsync(plan);
        await host.UntilAsync(await host.PlanAsync((await host.AcceptAsync(Guid.CreateVersion7(), Experiment(await host.InstrumentAsync()))).CallId), CallPlanStatus.Ready);
        Assert.Equal(PlanRunStatus.Running, (await RunAsync(plan, run)).Status);
        (await host.DropAsync(plan)).EnsureSuccessStatusCode();
        await host.UntilAsync(async _ => (await RunAsync(plan, run)).Status == PlanRunStatus.Failed, $"run {run} has failed");
        Assert.NotNull((await RunAsync(plan, run)).EndedAt);
        await Assert.RefusedAsync(await host.As(Office).PostAsync($"/api/scheduling/plans/{plan}/runs/{run}/cancellation", null), HttpStatusCode.Conflict, "run.over");
    }

    [Fact]
    public async Task Whose_lease_is_over_has_no_run_of_its_worker_when_the_next_has_it_in_hand()
    {
        var plan = await LeasedAsync(CallPlanStatus.Solving, TimeSpan.FromHours(1));
        var left = await LeftRunAsync(plan);
        host.Time.Advance(TimeSpan.FromHours(2));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Equal([PlanRunStatus.Failed, PlanRunStatus.Done], await host.ReadAsync(db => db.Runs.Where(x => x.PlanId == plan).OrderBy(x => x.Id != left).Select(x => x.Status).ToListAsync()));
    }

    [Fact]
    public async Task That_takes_every_worker_with_it_is_given_up_and_can_be_asked_for_again()
    {
        var plan = await LeasedAsync(CallPlanStatus.Solving, TimeSpan.FromHours(1), attempts: 5);
        var run = await LeftRunAsync(plan);
        host.Time.Advance(TimeSpan.FromHours(2));
        await host.UntilAsync(plan, CallPlanStatus.Failed);
        Assert.Equal(PlanRunStatus.Failed, (await RunAsync(plan, run)).Status);
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal("plan.solver-crashed", read.FailureCode);
        await host.UntilAsync(await host.PlanAsync(read.CallId), CallPlanStatus.Ready);
    }

    [Fact]
    public async Task That_makes_no_sense_fails_with_what_is_wrong()
    {
        var (one, two) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync()));
        var circle = await host.AcceptAsync(Guid.CreateVersion7(),
            one with { After = [new ExperimentOrder { ExperimentId = two.ExperimentId, MinGapHours = 0 }] },
            two with { After = [new ExperimentOrder { ExperimentId = one.ExperimentId, MinGapHours = 0 }] });
        var plan = await host.PlanAsync(circle.CallId);
        await host.UntilAsync(plan, CallPlanStatus.Failed);
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal("plan.problem-invalid", read.FailureCode);
        Assert.Contains("order-in-a-circle", read.FailureText, StringComparison.Ordinal);
        await host.PlanAsync(circle.CallId);
    }

    [Fact]
    public async Task Takes_weights_of_the_objective_from_the_user_office_alone()
    {
        var call = (await host.AcceptAsync(Guid.CreateVersion7(), Experiment(await host.InstrumentAsync()))).CallId;
        var refused = await AskAsync(new { weights = new { preference = 0 } }, Staff);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("search.weights-not-yours", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        foreach (var weights in new object[] { new { preference = -1 }, new { guarantee = 100_001 }, new { setUp = -1 } })
        {
            var wrong = await AskAsync(new { weights }, Office);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
            Assert.Contains("search.weight", await wrong.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        var plan = (await (await AskAsync(new { weights = new { preference = 0, setUp = 7 } }, Office)).ReadAsync<RequestPlan.Response>(HttpStatusCode.Accepted)).Id;
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var run = Assert.Single(await host.ReadAsync(db => db.Runs.Where(x => x.PlanId == plan).ToListAsync()));
        Assert.Equal(new ObjectiveWeights { Preference = 0, SetUp = 7 }, Compressed.Read<PlanningProblem>(run.Input).Weights);
        Assert.Equal([("guarantee", -PlanningProblem.ShiftBelowMinimum), ("travel", 0), ("preference", 0), ("setUp", -7), ("evenLoad", 0)],
            (await host.ReadPlanAsync(plan)).Layers.Where(layer => layer.Layer != "science").Select(layer => (layer.Layer, layer.Weight)));

        Task<HttpResponseMessage> AskAsync(object request, Person by) => host.As(by).PostAsJsonAsync($"/api/scheduling/calls/{call}/plans", request);
    }

    [Fact]
    public async Task Keeps_to_the_policy_that_was_asked_for_with_it()
    {
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(await host.InstrumentAsync()));
        var asked = await host.As(Office).PostAsJsonAsync($"/api/scheduling/calls/{proposal.CallId}/plans", new { forbidRankInversion = true, seed = 7 });
        var plan = (await asked.ReadAsync<RequestPlan.Response>(HttpStatusCode.Accepted)).Id;
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Equal((true, 7), await host.ReadAsync(async db => (await db.Plans.FindAsync(plan))?.Search is { } search ? (search.ForbidRankInversion, search.Seed) : default));
        var run = Assert.Single(await host.ReadAsync(db => db.Runs.Where(x => x.PlanId == plan).ToListAsync()));
        Assert.Equal(RankPolicy.NoRankInversion, Compressed.Read<PlanningProblem>(run.Input).Policy);
    }
}
