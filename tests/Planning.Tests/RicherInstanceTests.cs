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
