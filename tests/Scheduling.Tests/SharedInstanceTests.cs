using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tutti.Scheduling.Planning;

namespace Tutti.Scheduling.Tests;

/// <summary>
/// Planning instances from outside the repository. The core knows neither capacities (local contacts, glove-boxes, cells), nor quotas and
/// minimum shares, nor experiments split over several blocks: these rules are left out here, by name, and everything else must hold.
/// </summary>
[Trait("engine", "any")]
public sealed class A_shared_instance
{
    private static readonly string[] LeftOut = ["contact ", "glovebox ", "cell ", "instrument quota ", "site quota ", "country maximum "];

    [Theory]
    [InlineData("S-open-1")]
    [InlineData("S-tight-3")]
    [InlineData("M-open-1")]
    [InlineData("M-tight-1")]
    public async Task Is_planned_in_single_blocks_without_capacities_and_quotas_so_that_both_checkers_accept_it_in_all_other_rules(string name)
    {
        var shared = Shared();
        var path = shared is null ? "" : Path.Combine(shared, "data", "planning", name + ".json");
        if (shared is null || !File.Exists(path)) Assert.Skip($"The shared instance {name} is not here.");
        var judge = Path.Combine(shared, "tools", "check-plan.py");
        var (problem, ids) = Read(JsonDocument.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).RootElement);

        var watch = Stopwatch.StartNew();
        var result = Planner.Plan(problem, new PlannerOptions { TimeLimit = TimeSpan.FromSeconds(20) }, stop: TestContext.Current.CancellationToken);
        Assert.Empty(result.Errors);
        Assert.NotNull(result.Plan);
        Assert.Empty(PlanChecker.Check(problem, result.Plan));
        TestContext.Current.SendDiagnosticMessage(
            "{0}: {1} {2}, bound {3}, {4} unplaced, {5} ms", name, result.Plan.Status, result.Plan.Objective, result.Plan.Bound, result.Plan.Unplaced.Count, watch.ElapsedMilliseconds);

        if (!File.Exists(judge)) Assert.Skip("The independent judge is not here; the own checker accepts the plan.");
        var planFile = Path.Combine(Path.GetTempPath(), $"{Guid.CreateVersion7()}.json");
        await File.WriteAllTextAsync(planFile, JsonSerializer.Serialize(new
        {
            placements = result.Plan.Placements.Select(placement => new
            {
                experiment = ids[placement.ExperimentId],
                instrument = int.Parse(placement.Instrument, CultureInfo.InvariantCulture),
                blocks = new[] { new[] { placement.Start, placement.End } },
            }),
        }), TestContext.Current.CancellationToken);
        var verdict = await Run("python3", judge, path, planFile);
        File.Delete(planFile);
        if (verdict is null) Assert.Skip("There is no python3 for the independent judge; the own checker accepts the plan.");

        var lines = verdict.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("objective ", lines[0], StringComparison.Ordinal);
        var words = lines[0].Split(' ');
        var (objective, shortfall) = (long.Parse(words[1], CultureInfo.InvariantCulture), long.Parse(words[Array.IndexOf(words, "shortfall") + 1], CultureInfo.InvariantCulture));
        Assert.Equal(result.Plan.Objective, objective + 400 * shortfall);
        Assert.All(lines.Skip(1), line => Assert.Contains(LeftOut, family => line.Trim().StartsWith(family, StringComparison.Ordinal)));
    }

    private static string? Shared()
    {
        if (Environment.GetEnvironmentVariable("TUTTI_SHARED") is { Length: > 0 } named) return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Directory.Exists(Path.Combine(folder.FullName, "shared", "data"))) return Path.Combine(folder.FullName, "shared");
        return null;
    }

    private static async Task<string?> Run(string program, params string[] arguments)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)))) return null;
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{program} did not start.");
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }

    private static (PlanningProblem Problem, Dictionary<Guid, int> Ids) Read(JsonElement instance)
    {
        static int Number(JsonElement of, string name) => of.GetProperty(name).GetInt32();
        static string Name(JsonElement of, string name) => Number(of, name).ToString(CultureInfo.InvariantCulture);
        static JsonElement[] List(JsonElement of, string name) => [.. of.GetProperty(name).EnumerateArray()];
        static (int Start, int End)[] Intervals(JsonElement of, string name) => [.. List(of, name).Select(pair => (pair[0].GetInt32(), pair[1].GetInt32()))];

        var teams = List(instance, "teams").ToDictionary(team => Number(team, "id"));
        var proposals = List(instance, "proposals").ToDictionary(proposal => Number(proposal, "id"));
        var (travel, shipping) = (List(instance, "travel"), List(instance, "shipping"));
        var problem = new PlanningProblem
        {
            Grid = new(new DateTimeOffset(2027, 1, 4, 0, 0, 0, TimeSpan.Zero), TimeSpan.FromHours(8)),
            Instruments = [.. List(instance, "instruments").Select(instrument =>
            {
                var starts = List(instrument, "startShiftsOfDay").Select(shift => shift.GetInt32()).ToHashSet();
                return new PlanningInstrument
                {
                    Id = Name(instrument, "id"),
                    Site = Name(instrument, "site"),
                    BridgeableGap = Number(instrument, "bridgeableGap"),
                    SharedSources = instrument.GetProperty("sharedSource").ValueKind == JsonValueKind.Null ? [] : [instrument.GetProperty("sharedSource").ToString()],
                    OpenShifts = [.. Intervals(instrument, "open").SelectMany(open => Enumerable.Range(open.Start, open.End - open.Start))
                        .Select(shift => new OpenShift(shift, shift + 1, starts.Contains(shift % 3)))],
                };
            })],
            Experiments = [.. List(instance, "experiments").Select(experiment =>
            {
                var proposal = proposals[Number(experiment, "proposal")];
                var team = teams[Number(proposal, "team")];
                var needsTeam = experiment.GetProperty("needsTeam").GetBoolean();
                return new PlanningExperiment
                {
                    Id = Problems.Id(Number(experiment, "id")),
                    ProposalId = Problems.Id(Number(proposal, "id")),
                    TeamId = needsTeam ? Problems.Id(Number(team, "id")) : null,
                    Score = Number(proposal, "score"),
                    Shifts = Number(experiment, "shifts"),
                    Instruments = [.. List(experiment, "instruments").Select(one => one.GetInt32().ToString(CultureInfo.InvariantCulture))],
                    Release = Number(experiment, "release"),
                    Due = Number(experiment, "due"),
                    Required = experiment.GetProperty("required").GetBoolean(),
                    Forbidden = needsTeam ? [.. Intervals(team, "away").Select(away => new ForbiddenInterval(null, away.Start, away.End, ForbiddenReason.TeamAway))] : [],
                };
            })],
            Precedences = [.. List(instance, "precedences").Select(order => new Precedence(
                Problems.Id(Number(order, "from")), Problems.Id(Number(order, "to")), Number(order, "minGap"), null, order.GetProperty("shipSample").GetBoolean()))],
            Distances = [.. Enumerable.Range(0, travel.Length).SelectMany(f => Enumerable.Range(0, travel.Length).Where(g => g != f).Select(g => new SiteDistance(
                f.ToString(CultureInfo.InvariantCulture), g.ToString(CultureInfo.InvariantCulture), travel[f][g].GetInt32(), shipping[f][g].GetInt32())))],
        };
        return (problem, problem.Experiments.ToDictionary(experiment => experiment.Id, experiment => List(instance, "experiments")
            .Select(one => Number(one, "id")).First(id => Problems.Id(id) == experiment.Id)));
    }
}
