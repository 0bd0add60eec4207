using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Allocating;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class A_promise(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    /// <summary>A plan that is ready with an experiment whose shifts, all that its instrument has, were published for somebody else meanwhile; and one that is not concerned.</summary>
    private async Task<(Guid Plan, Guid Taken, Guid Other)> OvertakenAsync()
    {
        var code = await host.InstrumentAsync("elettra", 1);
        var (taken, other) = (Experiment(code), Experiment(await host.InstrumentAsync()));
        var (plan, _) = await host.ReadyPlanAsync(taken, other);
        var (faster, _) = await host.ReadyPlanAsync(Experiment(code));
        (await host.PublishAsync(faster)).EnsureSuccessStatusCode();
        Assert.True((await host.ReadPlanAsync(plan)).Stale);
        return (plan, taken.ExperimentId, other.ExperimentId);
    }

    [Fact]
    public async Task Of_shifts_that_somebody_else_has_is_not_hidden_by_a_change_of_something_else()
    {
        var (plan, taken, other) = await OvertakenAsync();
        var to = (await host.PlaceOfAsync(plan, other)).From.AddDays(2);
        var conflicts = await (await host.MoveAsync(plan, other, to, force: true)).ConflictsAsync("plan.impossible");
        Assert.Contains(taken, conflicts["instrument-overlap"].GetProperty("concerned").EnumerateArray().Select(one => one.GetProperty("experimentId").GetGuid()));
        // Who takes out what does not fit any more can go on.
        (await host.ChangeAsync(plan, "removals", new { experiments = new[] { taken }, reason = "Somebody was faster" })).EnsureSuccessStatusCode();
        (await host.MoveAsync(plan, other, to)).EnsureSuccessStatusCode();
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        Assert.DoesNotContain(await host.SaidAsync<ExperimentScheduled>(), said => said.ExperimentId == taken);
    }

    [Fact]
    public async Task Of_shifts_that_somebody_else_has_is_never_made_however_fresh_the_plan_looks()
    {
        var (plan, taken, _) = await OvertakenAsync();
        await host.ReadAsync(async db =>
        {
            var read = await db.Plans.Include(x => x.Entries).SingleAsync(x => x.Id == plan);
            db.Entry(read).Property(x => x.Inputs).CurrentValue = await PlanSnapshot.InputsNowAsync(db, read, default);
            return await db.SaveChangesAsync();
        });
        Assert.False((await host.ReadPlanAsync(plan)).Stale);
        Assert.Contains("instrument-overlap", (await (await host.PublishAsync(plan)).ConflictsAsync("plan.impossible")).Keys);
        Assert.DoesNotContain(await host.SaidAsync<ExperimentScheduled>(), said => said.ExperimentId == taken);
    }

    [Fact]
    public async Task Is_made_and_given_up_only_by_who_has_seen_the_latest()
    {
        var experiment = Experiment(await host.InstrumentAsync());
        var (plan, _) = await host.ReadyPlanAsync(experiment);
        var tag = await host.TagAsync(plan);
        (await host.MoveAsync(plan, experiment.ExperimentId, (await host.PlaceOfAsync(plan, experiment.ExperimentId)).From.AddDays(1), by: Staff)).EnsureSuccessStatusCode();
        Assert.Equal(["plan.changed-move"], await Assert.RefusedAsync(await host.ChangeAsync(plan, "publication", new { }, tag: tag), HttpStatusCode.PreconditionFailed, "stale-write"));
        await Assert.RefusedAsync(await host.As(Office).PostAsync($"/api/scheduling/plans/{plan}/publication", null), HttpStatusCode.PreconditionRequired, "plan.version-required");
        await Assert.RefusedAsync(await host.As(Office).DeleteAsync($"/api/scheduling/plans/{plan}"), HttpStatusCode.PreconditionRequired, "plan.version-required");
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Is_not_made_on_instruments_that_came_to_share_a_source_and_what_was_promised_before_stops_no_later_plan()
    {
        string one = await host.InstrumentAsync("elettra", 1), two = await host.InstrumentAsync("elettra", 1), source = $"undulator-{one}";
        var (first, second) = (Experiment(one), Experiment(two));
        var (plan, _) = await host.ReadyPlanAsync(first);
        var (other, _) = await host.ReadyPlanAsync(second);
        var (late, _) = await host.ReadyPlanAsync(Experiment(one));
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        (await host.PublishAsync(other)).EnsureSuccessStatusCode();
        (await host.DropAsync(late)).EnsureSuccessStatusCode();
        foreach (var code in new[] { one, two }) (await host.PutCalendarAsync(code, host.Calendar(8))).EnsureSuccessStatusCode();
        var (waiting, _) = await host.ReadyPlanAsync(Experiment(one));
        Assert.False((await host.ReadPlanAsync(waiting)).Stale);
        foreach (var code in new[] { one, two }) await host.HearAsync(Instrument(code, "elettra", 2, source));
        Assert.True((await host.ReadPlanAsync(waiting)).Stale);
        await Assert.RefusedAsync(await host.PublishAsync(waiting), HttpStatusCode.Conflict, "plan.stale");

        // Both were promised the same time before: that stands, and nobody else gets it.
        var third = Experiment(two, 6);
        var (next, _) = await host.ReadyPlanAsync(third);
        var promised = Assert.Single((await host.ReadPlanAsync(other)).Placements);
        Assert.Equal(promised.From, Assert.Single((await host.ReadPlanAsync(plan)).Placements).From);
        Assert.True((await host.PlaceOfAsync(next, third.ExperimentId)).From >= promised.To);
    }
}

public sealed class A_round_of_the_planner(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Does_not_undo_what_a_team_said_while_it_was_made()
    {
        var (goes, stays) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync()));
        var (plan, _) = await host.ReadyPlanAsync(goes, stays);
        (await host.ChangeAsync(plan, "offer", new { answerBy = host.Time.GetUtcNow().AddDays(10), silence = "accepts" })).EnsureSuccessStatusCode();
        var busy = await host.BusyAsync();
        (await host.ChangeAsync(plan, "rounds", new { reason = "Once more" })).EnsureSuccessStatusCode();
        // Another worker reads the plan and waits for the planner.
        var step = ActivatorUtilities.CreateInstance<PlanWorker>(host.Services).RunAsync(plan);
        await host.UntilAsync(db => db.Runs.AnyAsync(x => x.PlanId == plan && x.Round == 2), "a second round that has been read");
        (await host.AnswerAsync(goes.ExperimentId, false, "No sample")).EnsureSuccessStatusCode();
        await host.EnoughAsync(busy.Plan, busy.Run);
        await step;
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal((goes.ExperimentId, "team-declined"), Assert.Single(read.Unplaced) is var unplaced ? (unplaced.ExperimentId, unplaced.Reasons[0].Code) : default);
        Assert.Equal(stays.ExperimentId, Assert.Single(read.Placements).ExperimentId);
    }

    [Fact]
    public async Task That_cannot_be_made_leaves_a_finished_plan_as_it_was_and_tells_why()
    {
        var (one, two) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync(), 3, "pouch"));
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), one, two);
        var plan = await host.PlanAsync(proposal.CallId);
        var cell = Assert.Single(await host.AskedAsync(plan, 1));
        await host.HearAsync(Reserved(cell));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var before = (await host.ReadPlanAsync(plan)).Placements;
        await host.HearAsync(proposal with
        {
            Revision = 6,
            Experiments = [one with { After = [new() { ExperimentId = two.ExperimentId, MinGapHours = 0 }] }, two with { After = [new() { ExperimentId = one.ExperimentId, MinGapHours = 0 }] }],
        });
        (await host.ChangeAsync(plan, "rounds", new { reason = "They come one after the other" })).EnsureSuccessStatusCode();
        await host.UntilAsync(async db => (await db.Plans.FindAsync(plan))?.FailureCode is not null, "a failure");
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal((CallPlanStatus.Ready, "plan.problem-invalid", 1), (read.Status, read.FailureCode, read.Rounds));
        Assert.Equal(before.Select(place => place.From), read.Placements.Select(place => place.From));
        Assert.Empty(await host.ReleasedAsync(cell.ReservationId));
        await host.HearAsync(proposal with { Revision = 7, Experiments = [one, two] });
        await host.RoundAsync(plan, 2);
        Assert.Null((await host.ReadPlanAsync(plan)).FailureCode);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Moves_nothing_that_is_frozen_and_places_nothing_there()
    {
        var code = await host.InstrumentAsync("elettra", 1);
        var call = Guid.CreateVersion7();
        var (frozen, better) = (Experiment(code), Experiment(code));
        await host.HearAsync(host.Accepted(call, frozen) with { Grade = 10 });
        var plan = await host.PlanAsync(call);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        (await host.ChangeAsync(plan, "freeze", new { until = host.Monday.AddDays(4), reason = "Tickets are booked" }, method: HttpMethod.Put)).EnsureSuccessStatusCode();
        await host.HearAsync(host.Accepted(call, better) with { Grade = 100 });
        await host.RoundAsync(plan, 2);
        Assert.Equal(frozen.ExperimentId, Assert.Single((await host.ReadPlanAsync(plan)).Placements).ExperimentId);
        (await host.PutCalendarAsync(code, host.Calendar(6))).EnsureSuccessStatusCode();
        await host.RoundAsync(plan, 3);
        Assert.True((await host.PlaceOfAsync(plan, better.ExperimentId)).From >= host.Monday.AddDays(4));
    }

    [Fact]
    public async Task Is_not_held_to_what_the_pool_said_in_an_earlier_series()
    {
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(await host.InstrumentAsync("elettra", 1), cell: "pouch"));
        var plan = await host.PlanAsync(proposal.CallId);
        await host.HearAsync(Refused(Assert.Single(await host.AskedAsync(plan, 1))));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Empty((await host.ReadPlanAsync(plan)).Placements);
        (await host.ChangeAsync(plan, "rounds", new { reason = "The pool has a new cell" })).EnsureSuccessStatusCode();
        await host.HearAsync(Reserved((await host.AskedAsync(plan, 2))[^1]));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Single((await host.ReadPlanAsync(plan)).Placements);
    }

    [Fact]
    public async Task Is_not_begun_because_of_a_change_by_hand_for_which_the_pool_has_no_cell()
    {
        var (code, call) = (await host.InstrumentAsync("elettra", 1), Guid.CreateVersion7());
        var (moved, other) = (Experiment(await host.InstrumentAsync(), 3, "pouch"), Experiment(code));
        await host.HearAsync(host.Accepted(call, moved));
        await host.HearAsync(host.Accepted(call, other) with { Grade = 10 });
        var plan = await host.PlanAsync(call);
        var first = Assert.Single(await host.AskedAsync(plan, 1));
        await host.HearAsync(Reserved(first));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        // Somebody better waits, and would be placed by another round.
        await host.HearAsync(host.Accepted(call, Experiment(code)) with { Grade = 100 });
        (await host.MoveAsync(plan, moved.ExperimentId, first.From.AddDays(3))).EnsureSuccessStatusCode();
        var asked = (await host.AskedAsync(plan, 2))[^1];
        Assert.Equal([first.ReservationId], asked.Replaces ?? []);
        await host.HearAsync(Refused(asked, new FreeInterval { From = first.From.AddDays(9) }));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal((1, other.ExperimentId), (read.Rounds, Assert.Single(read.Placements).ExperimentId));
        Assert.Equal(["cell.on-loan", "locked-place-refused"], Assert.Single(read.Unplaced).Reasons.Select(why => why.Code));
        Assert.Equal(PlanVersionKind.LeftOut, (await host.VersionsAsync(plan))[0].Kind);
    }

    [Fact]
    public async Task Ends_with_one_word_that_it_is_enough()
    {
        var call = await host.HardCallAsync();
        var (held, refused) = (Experiment(await host.InstrumentAsync(), 3, "pouch"), Experiment(await host.InstrumentAsync(), 30, "pouch"));
        await host.AcceptAsync(call, held);
        await host.HearAsync(host.Accepted(call, refused) with { Grade = 100 });
        var plan = (await (await host.As(Office).PostAsJsonAsync($"/api/scheduling/calls/{call}/plans", new { timeLimitSeconds = 600 })).ReadAsync<RequestPlan.Response>(HttpStatusCode.Accepted)).Id;
        await host.EnoughAsync(plan, await host.SearchingAsync(plan));
        var asked = await host.AskedAsync(plan, 2);
        await host.HearAsync(Reserved(asked.Single(one => one.ExperimentId == held.ExperimentId)));
        await host.HearAsync(Refused(asked.Single(one => one.ExperimentId == refused.ExperimentId)));
        await host.EnoughAsync(plan, await host.SearchingAsync(plan, 2));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Equal([2, 1], (await host.ReadAsync<List<ReadRuns.Response>>($"plans/{plan}/runs")).Select(run => run.Round));
    }

    [Fact]
    public async Task Of_all_sites_is_for_the_user_office_and_so_are_another_plan_and_a_long_search()
    {
        var code = await host.InstrumentAsync();
        var (plan, proposals) = await host.ReadyPlanAsync(Experiment(code));
        await Assert.RefusedAsync(await host.ChangeAsync(plan, "rounds", new { reason = "For us" }, Staff), HttpStatusCode.Forbidden, "plan.not-yours");
        var path = $"/api/scheduling/calls/{proposals[0].CallId}/plans";
        Assert.Equal(["search.time-limit", "search.workers"], await Assert.RefusedAsync(await host.As(Staff).PostAsJsonAsync(path, new { timeLimitSeconds = 7200, workers = 32 }), HttpStatusCode.UnprocessableEntity, "search.invalid"));
        (await host.PutCalendarAsync(code, host.Calendar(20))).EnsureSuccessStatusCode();
        await Assert.RefusedAsync(await host.As(Staff).PostAsJsonAsync(path, new { reason = "For us" }), HttpStatusCode.Forbidden, "plan.not-yours");
        await Assert.RefusedAsync(await host.As(Office).PostAsJsonAsync(path, new { reason = "It is stale" }), HttpStatusCode.PreconditionRequired, "plan.version-required");
        var unexplained = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(new { }) };
        unexplained.Headers.TryAddWithoutValidation("If-Match", $"\"{await host.TagAsync(plan)}\"");
        await Assert.RefusedAsync(await host.As(Office).SendAsync(unexplained), HttpStatusCode.UnprocessableEntity, "plan.reason");
        Assert.Equal(CallPlanStatus.Ready, (await host.ReadPlanAsync(plan)).Status);
        await host.PlanAsync(proposals[0].CallId, plan);
    }
}

public sealed class The_worth_of_a_plan(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Counts_shifts_that_are_placed_and_nothing_of_a_proposal_that_makes_no_sense_without_the_rest()
    {
        var (one, two) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync()));
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), one, two);
        var plan = await host.PlanAsync(proposal.CallId);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        // A required shift of a proposal with grade 80.
        const long Shift = 2 * 801;
        Assert.Equal((6 * Shift, 6 * Shift), await host.ReadPlanAsync(plan) is var all ? (all.Objective, all.Bound) : default);
        (await host.MoveAsync(plan, one.ExperimentId, (await host.PlaceOfAsync(plan, one.ExperimentId)).From, 2, true)).EnsureSuccessStatusCode();
        Assert.Equal((5 * Shift, null), await host.ReadPlanAsync(plan) is var less ? (less.Objective, less.Bound) : default);
        (await host.ChangeAsync(plan, "removals", new { experiments = new[] { one.ExperimentId }, reason = "What if?", force = true })).EnsureSuccessStatusCode();
        Assert.Equal((0L, two.ExperimentId), await host.ReadPlanAsync(plan) is var incomplete ? (incomplete.Objective ?? -1, Assert.Single(incomplete.Placements).ExperimentId) : default);
    }
}

public sealed class A_plan_that_has_waited(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Promises_nothing_in_the_past_and_plans_nothing_there()
    {
        var code = await host.InstrumentAsync();
        var (plan, _) = await host.ReadyPlanAsync(Experiment(code), Experiment(code));
        host.Time.Advance(new DateTimeOffset(host.Monday, TimeSpan.Zero).AddHours(26) - host.Time.GetUtcNow());
        Assert.Contains("in-the-past", (await (await host.PublishAsync(plan)).ConflictsAsync("plan.impossible")).Keys);
        var now = host.Time.GetUtcNow();
        await host.RoundAsync(plan, 2);
        var placed = (await host.ReadPlanAsync(plan)).Placements;
        Assert.Equal(2, placed.Count);
        Assert.All(placed, place => Assert.True(place.From >= now, $"{place.From:u} is before {now:u}"));
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
    }
}

/// <summary>A service whose database is away for a moment whenever a run of the planner is to be kept.</summary>
public sealed class ForgetfulHost : SchedulingHost
{
    private int faults;

    public void Fail(int times) => Volatile.Write(ref faults, times);

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.ConfigureServices(services => services.ConfigureDbContext<SchedulingDb>(options => options.AddInterceptors(new Away(this))));
    }

    private sealed class Away(ForgetfulHost host) : SaveChangesInterceptor
    {
        public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
            eventData.Context?.ChangeTracker.Entries<PlanRun>().Any() == true && Interlocked.Decrement(ref host.faults) >= 0 ? throw new TimeoutException("The database is away.") : ValueTask.FromResult(result);
    }
}

public sealed class A_fault_of_the_database(ForgetfulHost host) : IClassFixture<ForgetfulHost>
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Is_no_end_of_a_plan(int times)
    {
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(await host.InstrumentAsync()));
        host.Fail(times);
        var plan = await host.PlanAsync(proposal.CallId);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Null((await host.ReadPlanAsync(plan)).FailureCode);
    }
}
