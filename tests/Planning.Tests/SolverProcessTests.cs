using System.Diagnostics;
using Tutti.Scheduling.CommandLine;
using Tutti.Scheduling.Planning;

namespace Tutti.Planning.Tests;

public sealed class The_planner_in_a_process_of_its_own
{
    private static string Program => typeof(PlanningCommand).Assembly.Location;

    [Fact]
    public async Task Gives_the_plan_and_tells_of_every_improvement()
    {
        var steps = new List<PlanProgress>();
        var instance = PlanningInstance.Read(SharedFolder.Instance("M-open-1"));
        var (plan, failure) = await new SolverProcess(Program).PlanAsync(instance, new() { Workers = 1, WorkLimit = 0.3 }, null, steps.Add, TestContext.Current.CancellationToken);
        Assert.Null(failure);
        Assert.NotEmpty(plan.Placements);
        Assert.Equal(plan.Objective, steps[^1].Objective);
    }

    [Fact]
    public async Task Leaves_the_last_plan_when_it_is_killed()
    {
        var instance = PlanningInstance.Read(SharedFolder.Instance("M-tight-1"));
        var told = 0L;
        var before = Process.GetProcessesByName("dotnet").Select(process => process.Id).ToHashSet();
        var (plan, failure) = await new SolverProcess(Program).PlanAsync(instance, new() { TimeLimit = TimeSpan.FromMinutes(2) }, null, step =>
        {
            if (told == 0)
                foreach (var child in Process.GetProcessesByName("dotnet").Where(process => !before.Contains(process.Id) && IsOurs(process.Id))) child.Kill();
            told = step.Objective;
        }, TestContext.Current.CancellationToken);
        Assert.StartsWith("solver_crashed", failure, StringComparison.Ordinal);
        Assert.Equal(told, plan.Objective);
    }

    [Fact]
    public async Task Begins_with_the_plan_that_it_is_given()
    {
        var start = SharedFolder.Planned("M-tight-1", 1);
        var (plan, failure) = await new SolverProcess(Program).PlanAsync(PlanningInstance.Read(SharedFolder.Instance("M-tight-1")), new() { Workers = 1, WorkLimit = 0.01 }, start, null, TestContext.Current.CancellationToken);
        Assert.Null(failure);
        Assert.True(plan.Objective >= start.Objective);
    }

    [Fact]
    public async Task Leaves_the_last_plan_when_it_is_stopped()
    {
        using var stop = new CancellationTokenSource();
        var instance = PlanningInstance.Read(SharedFolder.Instance("M-tight-1"));
        var (plan, failure) = await new SolverProcess(Program).PlanAsync(instance, new() { TimeLimit = TimeSpan.FromMinutes(2) }, null, _ => stop.Cancel(), stop.Token);
        Assert.Null(failure);
        Assert.NotEmpty(plan.Placements);
    }

    [Fact]
    public async Task Is_missed_with_a_code()
    {
        var instance = PlanningInstance.Read(SharedFolder.Instance("S-open-1"));
        var missing = await Assert.ThrowsAsync<PlanningException>(() => new SolverProcess("/no/such/program").PlanAsync(instance, new(), null, null, TestContext.Current.CancellationToken));
        Assert.Equal("solver_not_found", missing.Code);
        var broken = await Assert.ThrowsAsync<PlanningException>(() => new SolverProcess("/bin/false").PlanAsync(instance, new(), null, null, TestContext.Current.CancellationToken));
        Assert.Equal("solver_crashed", broken.Code);
    }

    private static bool IsOurs(int id) => File.Exists($"/proc/{id}/cmdline") && File.ReadAllText($"/proc/{id}/cmdline").Contains("Tutti.Scheduling.CommandLine", StringComparison.Ordinal)
        && File.ReadAllText($"/proc/{id}/status").Contains($"PPid:\t{Environment.ProcessId}\n", StringComparison.Ordinal);
}

public sealed class The_command_line
{
    private static async Task<(int Code, string Out, string Error)> RunAsync(params string[] args)
    {
        using StringWriter output = new(), error = new();
        var code = await PlanningCommand.RunAsync(args, output, error, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }

    [Fact]
    public async Task Plans_to_a_file_that_its_check_finds_legal_and_another_illegal()
    {
        var instance = SharedFolder.Instance("S-open-1");
        var folder = Directory.CreateTempSubdirectory("tutti-plan-");
        try
        {
            var plan = Path.Combine(folder.FullName, "plan.json");
            var (code, output, error) = await RunAsync("plan", instance, "--workers", "1", "--work-limit", "1", "--output", plan, "--explain");
            Assert.True(code == 0, error);
            Assert.Contains("greedy", output, StringComparison.Ordinal);
            (code, output, _) = await RunAsync("check", instance, plan);
            Assert.Equal(0, code);
            Assert.Contains("broken 0", output, StringComparison.Ordinal);
            (code, output, error) = await RunAsync("plan", instance, "--workers", "1", "--work-limit", "0.1", "--output", plan, "--start", plan);
            Assert.True(code == 0, error);

            await File.WriteAllTextAsync(plan, "{\"placements\": [{\"experiment\": 0, \"instrument\": 0, \"blocks\": [[0, 600]]}]}", TestContext.Current.CancellationToken);
            (code, output, _) = await RunAsync("check", instance, plan);
            Assert.Equal(1, code);
            Assert.Contains("not_open", output, StringComparison.Ordinal);
            await File.WriteAllTextAsync(plan, "nothing", TestContext.Current.CancellationToken);
            (code, _, error) = await RunAsync("check", instance, plan);
            Assert.Equal(2, code);
            Assert.StartsWith("plan_unreadable", error, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Says_in_one_line_what_it_cannot_do()
    {
        Assert.Equal(2, (await RunAsync("plan", "/no/such/instance.json")).Code);
        Assert.Equal(2, (await RunAsync("plan", SharedFolder.Instance("S-open-1"), "--time-limit", "-1")).Code);
        Assert.Equal(2, (await RunAsync("plan", SharedFolder.Instance("S-open-1"), "--workers", "0")).Code);
        Assert.Equal(2, (await RunAsync("check", "/no/such/instance.json", "/no/such/plan.json")).Code);
        var (code, output, error) = await RunAsync("plan", SharedFolder.Instance("S-open-1"), "--output", "/no/such/plan.json");
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("output_not_writable: ", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("usage:", (await RunAsync("plan")).Error, StringComparison.Ordinal);
    }
}
