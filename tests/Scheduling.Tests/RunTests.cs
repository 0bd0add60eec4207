using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Planning;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class A_run_of_the_planner(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Is_kept_with_all_that_is_needed_to_do_it_again()
    {
        var code = await host.InstrumentAsync();
        var (plan, _) = await host.ReadyPlanAsync(Experiment(code), Experiment(code, 2), Experiment(await host.InstrumentAsync("bnc")));
        var run = Assert.Single(await host.ReadAsync<List<ReadRuns.Response>>($"plans/{plan}/runs"));
        Assert.Equal((PlanRunStatus.Done, 1, 1, 1, 5000L), (run.Status, run.Round, run.Workers, run.Seed, run.TimeLimitMilliseconds));
        Assert.StartsWith("OR-Tools 9.", run.SolverVersion, StringComparison.Ordinal);
        Assert.NotEmpty(run.ProgramVersion);
        await Assert.RefusedAsync(await host.As(Staff).GetAsync($"/api/scheduling/plans/{plan}/runs/{run.Id}/document"), HttpStatusCode.Forbidden, "identity.not-allowed");
        var document = await host.ReadAsync<ReadRuns.Document>($"plans/{plan}/runs/{run.Id}/document");
        Assert.Equal(run.InputHash, Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(document.Input, Json.Stored))));
        var again = AskPlanner.Plan(document.Input, new PlannerOptions { TimeLimit = TimeSpan.FromMilliseconds(run.TimeLimitMilliseconds), Workers = run.Workers, Seed = run.Seed }, stop: TestContext.Current.CancellationToken);
        Assert.Equal(JsonSerializer.Serialize(document.Result, Json.Stored), JsonSerializer.Serialize(again, Json.Stored));
        Assert.Equal((run.Objective, run.Bound), (again.Plan?.Objective, again.Plan?.Bound));
    }

    [Fact]
    public async Task Searches_as_it_is_told_and_senseless_settings_are_refused()
    {
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(await host.InstrumentAsync()));
        var path = $"/api/scheduling/calls/{proposal.CallId}/plans";
        Assert.Equal(["search.time-limit", "search.workers", "search.seed"], await Assert.RefusedAsync(await host.As(Office).PostAsJsonAsync(path, new { timeLimitSeconds = 0, workers = 65, seed = -1 }), HttpStatusCode.UnprocessableEntity, "search.invalid"));
        var plan = (await (await host.As(Office).PostAsJsonAsync(path, new { timeLimitSeconds = 7, workers = 2, seed = 42 })).ReadAsync<RequestPlan.Response>(HttpStatusCode.Accepted)).Id;
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var run = Assert.Single(await host.ReadAsync<List<ReadRuns.Response>>($"plans/{plan}/runs"));
        Assert.Equal((7000L, 2, 42), (run.TimeLimitMilliseconds, run.Workers, run.Seed));
        (await host.ChangeAsync(plan, "rounds", new { reason = "Another seed", search = new { seed = 43 } })).EnsureSuccessStatusCode();
        await host.UntilAsync(async db => (await db.Plans.FindAsync(plan)) is { Round: 2, Status: CallPlanStatus.Ready }, "the second round");
        Assert.Equal([43, 42], (await host.ReadAsync<List<ReadRuns.Response>>($"plans/{plan}/runs")).Select(one => one.Seed));
        await Assert.RefusedAsync(await host.As(Office).PostAsync($"/api/scheduling/plans/{plan}/runs/{run.Id}/cancellation", null), HttpStatusCode.Conflict, "run.over");
    }

    [Fact]
    public async Task Tells_its_progress_and_ends_with_the_best_so_far_when_somebody_says_that_it_is_enough()
    {
        var call = await host.HardCallAsync();
        var plan = (await (await host.As(Office).PostAsJsonAsync($"/api/scheduling/calls/{call}/plans", new { timeLimitSeconds = 600 })).ReadAsync<RequestPlan.Response>(HttpStatusCode.Accepted)).Id;
        ReadRuns.Response? run = null;
        await host.UntilAsync(async _ => (run = (await host.ReadAsync<List<ReadRuns.Response>>($"plans/{plan}/runs")).FirstOrDefault()) is { Status: PlanRunStatus.Running, Improvements: > 0, Objective: > 0 }, "progress of the run");
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(Staff).PostAsync($"/api/scheduling/plans/{plan}/runs/{run?.Id}/cancellation", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await host.As(Office).PostAsync($"/api/scheduling/plans/{plan}/runs/{run?.Id}/cancellation", null)).StatusCode);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        run = Assert.Single(await host.ReadAsync<List<ReadRuns.Response>>($"plans/{plan}/runs"));
        Assert.Equal(PlanRunStatus.Cancelled, run.Status);
        Assert.True(run.Objective > 0 && run.Bound >= run.Objective, $"{run.Objective} of {run.Bound}");
        Assert.NotEmpty((await host.ReadPlanAsync(plan)).Placements);
    }
}
