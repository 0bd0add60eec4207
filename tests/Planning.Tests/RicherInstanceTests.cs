using Tutti.Scheduling.Planning;

namespace Tutti.Planning.Tests;

public sealed class A_tiny_instance_with_every_rule
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, int.TryParse(Environment.GetEnvironmentVariable("TUTTI_SEEDS"), out var asked) ? asked : 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Is_planned_as_well_as_by_looking_at_all_plans(int seed)
    {
        var instance = Tiny.Instance(seed);
        var plan = Planner.Plan(instance, new() { TimeLimit = TimeSpan.FromMinutes(2) }, stop: TestContext.Current.CancellationToken);
        var verdict = Tiny.Judged(instance, plan);
        Assert.Empty(verdict.Broken);
        Assert.Equal((plan.Objective, PlanStatus.Optimal), (verdict.Objective, plan.Status));
        Assert.All(plan.Layers, layer => Assert.Equal(verdict.Layers[layer.Layer], layer.Value));
        Assert.Equal(Tiny.BestOfAll(instance), plan.Objective);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Leaves_nobody_out_for_lower_ranked_ones_where_that_is_forbidden(int seed)
    {
        var instance = Tiny.Instance(seed) with { Policy = RankPolicy.NoRankInversion };
        var plan = Planner.Plan(instance, new() { Workers = 1, WorkLimit = 0.3, TimeLimit = TimeSpan.FromMinutes(2) }, stop: TestContext.Current.CancellationToken);
        var verdict = Tiny.Judged(instance, plan);
        Assert.Empty(verdict.Broken);
        Assert.True(plan.Bound >= plan.Objective);
    }
}

public sealed class A_larger_instance_with_every_rule
{
    /// <summary>A shared instance with members beyond the shared format, from a seed.</summary>
    internal static PlanningInstance Enriched(PlanningInstance plain, int seed, bool fewer)
    {
        var random = new Random(seed);
        IReadOnlyList<IReadOnlyList<int>> times = [[0, 1, 2], [1, 0, 1], [2, 1, 0]], costs = [[0, 40, 80], [40, 0, 40], [80, 40, 0]];
        var groups = plain.Experiments.Where(one => one.Required).GroupBy(one => one.Proposal).Select(group => group.First().Id).ToList();
        return plain with
        {
            Objective = new() { Travel = 20, EvenLoad = 3, Preference = 30 },
            Instruments = [.. plain.Instruments.Select(one => random.Next(2) == 0 ? one : one with { SetUpTimes = times, SetUpCosts = random.Next(2) == 0 ? costs : null })],
            ContactGroups = [.. plain.ContactGroups.Select(one => one with { WeeklyShifts = random.Next(3) == 0 ? 30 : null, WeeklyStarts = random.Next(3) == 0 ? 5 : null })],
            Together = [[groups[0], groups[1]], [groups[2], groups[3]]],
            Experiments = [.. plain.Experiments.Select(one => one with
            {
                Mode = random.Next(3), Preparation = random.Next(4) == 0 ? 1 : 0, Cleaning = random.Next(4) == 0 ? 1 : 0, Sample = one.Proposal,
                Preferred = random.Next(4) == 0 && random.Next(plain.Horizon / 2) is var from ? [[from, from + 150]] : [],
                MinShifts = Math.Max(1, one.Shifts * 2 / 3), ConsentsToFewer = fewer && random.Next(2) == 0,
            })],
        };
    }

    [Theory]
    [InlineData("S-tight-3", 1, true, 1)]
    [InlineData("S-tight-3", 2, false, 1)]
    [InlineData("S-tight-3", 3, true, 2)]
    [InlineData("M-tight-1", 4, false, 1)]
    [InlineData("M-open-1", 5, true, 2)]
    public void Is_planned_within_all_of_them(string name, int seed, bool fewer, int workers)
    {
        var instance = Enriched(PlanningInstance.Read(SharedInstances.Instance(name)), seed, fewer);
        var plan = Planner.Plan(instance, new() { Workers = workers, WorkLimit = 4, TimeLimit = TimeSpan.FromSeconds(workers == 1 ? 240 : 15), Seed = seed }, stop: TestContext.Current.CancellationToken);
        var verdict = Tiny.Judged(instance, plan);
        Assert.Empty(verdict.Broken);
        Assert.Equal(plan.Objective, verdict.Objective);
        Assert.All(plan.Layers, layer => Assert.Equal(verdict.Layers[layer.Layer], layer.Value));
        Assert.True(plan.Bound >= plan.Objective && plan.Objective > 0);
        if (fewer) return;
        using var judge = new IndependentJudge(SharedInstances.Judge());
        // It knows the rules of the shared format, none of which a richer instance changes.
        judge.Take(File.ReadAllText(SharedInstances.Instance(name)));
        var (legal, _, words) = judge.Judge(Tiny.Document(plan.Placements).GetRawText());
        Assert.True(legal, words);
    }

    [Theory]
    [InlineData("S-tight-3", 15)]
    [InlineData("M-tight-1", 20)]
    public void Leaves_nobody_out_for_lower_ranked_ones_where_that_is_forbidden(string name, int seconds)
    {
        var instance = PlanningInstance.Read(SharedInstances.Instance(name)) with { Policy = RankPolicy.NoRankInversion };
        var plan = Planner.Plan(instance, new() { TimeLimit = TimeSpan.FromSeconds(seconds) }, stop: TestContext.Current.CancellationToken);
        TestContext.Current.SendDiagnosticMessage($"{name}: {plan.Objective} of at most {plan.Bound}");
        Assert.Empty(Tiny.Judged(instance, plan).Broken);
    }
}
