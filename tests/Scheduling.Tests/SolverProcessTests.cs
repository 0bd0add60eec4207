using System.Globalization;
using System.Net;
using Tutti.Scheduling.Allocating;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

/// <summary>A service whose planner runs in a process of its own.</summary>
public class ProcessHost : SchedulingHost
{
    public ProcessHost() => Set("Tutti:Scheduling:SolverProcess", "true");
}

/// <summary>The same with a solver that tells of a first plan and aborts, as native code does.</summary>
public sealed class AbortingHost : ProcessHost
{
    private static readonly string script = Path.Combine(Directory.CreateTempSubdirectory("tutti-solver-").FullName, "solver");

    public AbortingHost()
    {
        File.WriteAllText(script, string.Create(CultureInfo.InvariantCulture, $"#!/bin/sh\ndotnet \"{Path.Combine(AppContext.BaseDirectory, "Tutti.Scheduling.CommandLine.dll")}\" \"$@\" | head -n 1\nkill -ABRT $$\n"));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Set("Tutti:Scheduling:SolverProgram", script);
    }
}

public sealed class A_planner_in_a_process_of_its_own(ProcessHost host) : IClassFixture<ProcessHost>
{
    [Fact]
    public async Task Makes_the_plan()
    {
        var code = await host.InstrumentAsync();
        var (plan, _) = await host.ReadyPlanAsync(Experiment(code), Experiment(code, 2));
        Assert.Equal(2, (await host.ReadPlanAsync(plan)).Placements.Count);
        Assert.Equal(PlanRunStatus.Done, Assert.Single(await host.ReadAsync<List<ReadRuns.Response>>($"plans/{plan}/runs")).Status);
    }
}

public sealed class A_solver_that_aborts(AbortingHost host) : IClassFixture<AbortingHost>
{
    [Fact]
    public async Task Leaves_the_service_alive_the_best_plan_so_far_and_a_run_that_says_so()
    {
        var code = await host.InstrumentAsync(days: 1);
        var (plan, _) = await host.ReadyPlanAsync(Experiment(code), Experiment(code, 2));
        var run = Assert.Single(await host.ReadAsync<List<ReadRuns.Response>>($"plans/{plan}/runs"));
        Assert.Equal(PlanRunStatus.Failed, run.Status);
        Assert.StartsWith("solver_crashed", run.Failure, StringComparison.Ordinal);
        var read = await host.ReadPlanAsync(plan);
        Assert.Single(read.Placements);
        Assert.Equal("instrument-full", Assert.Single(Assert.Single(read.Unplaced).Reasons).Code);
        Assert.Equal(HttpStatusCode.OK, (await host.As(Office).GetAsync("/api/scheduling/instruments/" + code + "/calendar")).StatusCode);
        // And it plans the next one.
        var (next, _) = await host.ReadyPlanAsync(Experiment(await host.InstrumentAsync()));
        Assert.Single((await host.ReadPlanAsync(next)).Placements);
    }
}
