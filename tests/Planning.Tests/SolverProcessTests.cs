using System.Diagnostics;
using System.Text.Json.Nodes;
using Tutti.Scheduling.CommandLine;
using Tutti.Scheduling.Planning;
using Tutti.Testing;

namespace Tutti.Planning.Tests;

public sealed class The_planner_in_a_process_of_its_own
{
    private static string Program => typeof(PlanningCommand).Assembly.Location;

    [Fact]
    public async Task Gives_the_plan_and_tells_of_every_improvement()
    {
        var steps = new List<PlanProgress>();
        var instance = PlanningInstance.Read(SharedInstances.Instance("M-open-1"));
        var (plan, failure) = await new SolverProcess(Program).PlanAsync(instance, new() { Workers = 1, WorkLimit = 0.3 }, null, steps.Add, TestContext.Current.CancellationToken);
        Assert.Null(failure);
        Assert.NotEmpty(plan.Placements);
        Assert.Equal(plan.Objective, steps[^1].Objective);
    }

    [Fact]
    public async Task Leaves_the_last_plan_when_it_is_killed()
    {
        var instance = PlanningInstance.Read(SharedInstances.Instance("M-tight-1"));
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
    public async Task Ends_when_its_host_is_gone_and_with_it_the_input()
    {
        var info = new ProcessStartInfo("dotnet", [Program, "plan", "-", "--json", "--until-input-ends", "--time-limit", "3600", "--workers", "1"]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        using var process = Process.Start(info) ?? throw new InvalidOperationException("It did not start.");
        try
        {
            // The output is read to its end: nothing else than the end of the input tells it that it is alone.
            await process.StandardInput.WriteLineAsync((await File.ReadAllTextAsync(SharedInstances.Instance("M-tight-1"), TestContext.Current.CancellationToken)).ReplaceLineEndings(""));
            await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            Assert.NotNull(await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            var rest = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.False(process.HasExited);
            process.StandardInput.Close();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            await rest;
            Assert.NotEqual(0, process.ExitCode);
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task Has_its_input_closed_when_nobody_follows_it_any_more()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program is a shell script.");
        using var folder = new TemporaryFolder("solver");
        string Path(string name) => System.IO.Path.Combine(folder.Path, name);
        await File.WriteAllTextAsync(Path("line"), new SolverProcess.Line(SharedInstances.Planned("M-tight-1", 1), false, new(0.1, 1, 1, 0, "greedy")).Write() + "\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path("solver"), $"#!/bin/sh\ncat '{Path("line")}'\ncat > /dev/null\ntouch '{Path("ended")}'\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path("solver"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var instance = PlanningInstance.Read(SharedInstances.Instance("M-tight-1"));
        await Assert.ThrowsAsync<NotSupportedException>(() => new SolverProcess(Path("solver")).PlanAsync(instance, new(), null, _ => throw new NotSupportedException(), TestContext.Current.CancellationToken));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (!File.Exists(Path("ended"))) await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
    }

    [Fact]
    public async Task Begins_with_the_plan_that_it_is_given()
    {
        var start = SharedInstances.Planned("M-tight-1", 1);
        var (plan, failure) = await new SolverProcess(Program).PlanAsync(PlanningInstance.Read(SharedInstances.Instance("M-tight-1")), new() { Workers = 1, WorkLimit = 0.01 }, start, null, TestContext.Current.CancellationToken);
        Assert.Null(failure);
        Assert.True(plan.Objective >= start.Objective);
    }

    [Fact]
    public async Task Leaves_the_last_plan_when_it_is_stopped()
    {
        using var stop = new CancellationTokenSource();
        var instance = PlanningInstance.Read(SharedInstances.Instance("M-tight-1"));
        var (plan, failure) = await new SolverProcess(Program).PlanAsync(instance, new() { TimeLimit = TimeSpan.FromMinutes(2) }, null, _ => stop.Cancel(), stop.Token);
        Assert.Null(failure);
        Assert.NotEmpty(plan.Placements);
    }

    [Fact]
    public async Task Is_missed_with_a_code()
    {
        var instance = PlanningInstance.Read(SharedInstances.Instance("S-open-1"));
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
        var instance = SharedInstances.Instance("S-open-1");
        using var folder = new TemporaryFolder("plan");
        var plan = Path.Combine(folder.Path, "plan.json");
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

    [Fact]
    public async Task Begins_with_a_plan_that_has_placements_only_and_says_how_many_it_keeps()
    {
        var (instance, greedy) = (SharedInstances.Instance("M-open-1"), SharedInstances.Instance("M-open-1.greedy"));
        var (code, output, error) = await RunAsync("plan", instance, "--workers", "1", "--work-limit", "0.01", "--output", "/dev/null", "--start", greedy);
        Assert.True(code == 0, error);
        Assert.Matches(@"start, (\d+) of its \1 placements kept", output);
        (code, output, error) = await RunAsync("plan", SharedInstances.Instance("S-open-1"), "--workers", "1", "--work-limit", "0.01", "--output", "/dev/null", "--start", greedy);
        Assert.True(code == 0, error);
        Assert.DoesNotMatch(@"start, (\d+) of its \1 placements kept", output);
        (code, output, error) = await RunAsync("repair", instance, greedy, "--lost", "5:0-100", "--option", "reserve-only", "--time-limit", "1");
        Assert.True(code == 0, error);
        Assert.Contains("(published 127979)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warns_of_what_it_does_not_know_in_an_instance_each_once_and_plans()
    {
        using var folder = new TemporaryFolder("plan");
        var file = Path.Combine(folder.Path, "misspelt.json");
        var instance = JsonNode.Parse(await File.ReadAllTextAsync(SharedInstances.Instance("S-open-1"), TestContext.Current.CancellationToken))?.AsObject() ?? [];
        var (_, _, quiet) = await RunAsync("plan", SharedInstances.Instance("S-open-1"), "--workers", "1", "--work-limit", "0.01", "--output", "/dev/null");
        Assert.Empty(quiet);
        foreach (var experiment in instance["experiments"]?.AsArray().OfType<JsonObject>() ?? [])
        {
            experiment["minShift"] = 2;
            experiment["forbidden"] = new JsonArray(new JsonObject { ["start"] = 0, ["end"] = 1, ["reason"] = "Closed", ["instruments"] = new JsonArray(1) });
        }
        instance["objective"] = new JsonObject { ["travels"] = 3 };
        instance["comment"] = new JsonObject { ["by"] = "hand" };
        await File.WriteAllTextAsync(file, instance.ToJsonString(), TestContext.Current.CancellationToken);
        var (code, _, error) = await RunAsync("plan", file, "--workers", "1", "--work-limit", "0.01", "--output", "/dev/null");
        Assert.Equal(0, code);
        Assert.Equal(["comment", "experiments[].forbidden[].instruments", "experiments[].minShift", "objective.travels"],
            error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line["warning: ".Length..line.IndexOf(" is not known", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task Plans_nothing_where_nothing_is_asked(string workers)
    {
        using var folder = new TemporaryFolder("plan");
        var empty = JsonNode.Parse(await File.ReadAllTextAsync(SharedInstances.Instance("S-open-1"), TestContext.Current.CancellationToken))?.AsObject() ?? [];
        foreach (var name in (string[])["experiments", "proposals", "precedences"]) empty[name] = new JsonArray();
        var (instance, plan) = (Path.Combine(folder.Path, "empty.json"), Path.Combine(folder.Path, "plan.json"));
        await File.WriteAllTextAsync(instance, empty.ToJsonString(), TestContext.Current.CancellationToken);
        var (code, output, error) = await RunAsync("plan", instance, "--workers", workers, "--time-limit", "30", "--output", plan, "--explain");
        Assert.True(code == 0, error);
        Assert.Contains("optimal", output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("check", instance, plan)).Code);
    }

    [Fact]
    public async Task Checks_what_a_plan_says_of_itself()
    {
        using var folder = new TemporaryFolder("plan");
        var (instance, file) = (SharedInstances.Instance("S-tight-3"), Path.Combine(folder.Path, "plan.json"));
        Assert.Equal(0, (await RunAsync("plan", instance, "--workers", "1", "--work-limit", "0.5", "--output", file)).Code);
        var plan = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))?.AsObject() ?? [];
        foreach (var (claim, lie) in new (string, Action<JsonObject>)[]
        {
            ("objective: ", one => one["objective"] = 1), ("bound: ", one => one["bound"] = 3), ("status: ", one => one["status"] = "optimal"), ("layers: ", one => one["layers"]?[0]?["value"] = 5),
            ("granted: ", one => one["granted"] = new JsonArray(new JsonObject { ["experiment"] = one["placements"]?[0]?["experiment"]?.GetValue<int>(), ["asked"] = 100, ["granted"] = 99 })),
            ("unplaced: ", one => one["unplaced"]?.AsArray().RemoveAt(0)),
        })
        {
            var changed = plan.DeepClone().AsObject();
            lie(changed);
            await File.WriteAllTextAsync(file, changed.ToJsonString(), TestContext.Current.CancellationToken);
            var (code, output, _) = await RunAsync("check", instance, file);
            Assert.Equal(1, code);
            Assert.Contains("broken 0", output, StringComparison.Ordinal);
            Assert.Contains($"claim_wrong: {claim}", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Says_in_one_line_what_it_cannot_do()
    {
        Assert.Equal(2, (await RunAsync("plan", "/no/such/instance.json")).Code);
        Assert.Equal(2, (await RunAsync("plan", SharedInstances.Instance("S-open-1"), "--time-limit", "-1")).Code);
        Assert.Equal(2, (await RunAsync("plan", SharedInstances.Instance("S-open-1"), "--workers", "0")).Code);
        Assert.Equal(2, (await RunAsync("check", "/no/such/instance.json", "/no/such/plan.json")).Code);
        var (code, output, error) = await RunAsync("plan", SharedInstances.Instance("S-open-1"), "--output", "/no/such/plan.json");
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("output_not_writable: ", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("usage:", (await RunAsync("plan")).Error, StringComparison.Ordinal);
    }
}
