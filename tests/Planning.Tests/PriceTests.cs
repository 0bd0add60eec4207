using System.Text.Json;
using Tutti.Scheduling.Planning;

namespace Tutti.Planning.Tests;

public sealed class A_price_of_a_place
{
    private static readonly PlanningInstance one = new()
    {
        Horizon = 42, Travel = [[0]], Shipping = [[0]], Sites = [new(0, 80, 1)], Countries = [new(0, 0, 100)], CellTypes = [], ContactGroups = [new(0, [[0, 42, 2]])],
        Instruments = [new() { Id = 0, Site = 0, ContactGroup = 0, Open = [[0, 42]], BridgeableGap = 0 }, new() { Id = 1, Site = 0, ContactGroup = 0, Open = [[0, 42]], BridgeableGap = 0 }],
        Teams = [new(0, 0, [])], Proposals = [new(0, 0, 0, 50, [0])], Precedences = [], Pinned = [],
        Experiments = [new() { Id = 0, Proposal = 0, Shifts = 6, MinBlock = 3, MaxBlocks = 1, Instruments = [0, 1], Release = 0, Due = 42, NeedsTeam = true, GloveBox = false, Required = true }],
    };

    private static InstanceExperiment Only => one.Experiments[0];

    private static ShiftPlan Planned(PlanningInstance instance, PlannerOptions options, ShiftPlan? start = null)
    {
        var plan = Planner.Plan(instance, options, start, stop: TestContext.Current.CancellationToken);
        var verdict = Tiny.Judged(instance, plan);
        Assert.Empty(verdict.Broken);
        Assert.Equal(plan.Objective, verdict.Objective);
        Assert.True(plan.Bound >= plan.Objective);
        return plan;
    }

    private static ShiftPlan Proven(PlanningInstance instance)
    {
        var plan = Planned(instance, new() { TimeLimit = TimeSpan.FromMinutes(2) });
        Assert.Equal(PlanStatus.Optimal, plan.Status);
        return plan;
    }

    [Fact]
    public void Sends_an_experiment_to_where_it_costs_least()
    {
        var plan = Proven(one with { Experiments = [Only with { Prices = [new(0, 42, 90), new(20, 21, -85, 1), new(0, 42, 5, 1)] }] });
        Assert.Equal(600 - 90 + 85 - 5, plan.Objective);
        Assert.Equal((1, 20), (plan.Placements[0].Instrument, plan.Placements[0].Blocks[0][0]));
    }

    [Fact]
    public void Above_what_a_proposal_brings_leaves_it_out() => Assert.Empty(Proven(one with { Experiments = [Only with { Prices = [new(0, 42, 601)] }] }).Placements);

    [Fact]
    public void Is_paid_for_each_block()
    {
        var two = Only with { MaxBlocks = 2, Instruments = [0], Prices = [new(0, 3, -40), new(30, 31, -50), new(1, 3, -40)] };
        var plan = Proven(one with { Experiments = [two] });
        Assert.Equal(600 + 80 + 50, plan.Objective);
        Assert.Equal([1, 30], plan.Placements[0].Blocks.Select(block => block[0] == 2 ? 1 : block[0]));
    }

    [Fact]
    public void Is_honoured_by_pins()
    {
        var plan = Proven(one with { Experiments = [Only with { Prices = [new(6, 7, 100, 1)] }], Pinned = [new(0, 1, [[6, 12]])] });
        Assert.Equal(500, plan.Objective);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Is_counted_alike_by_planner_and_checker_and_never_above_the_bound(int seed)
    {
        var random = new Random(seed);
        var plain = PlanningInstance.Read(SharedInstances.Instance("S-tight-3"));
        var priced = plain with
        {
            Experiments = [.. plain.Experiments.Select(experiment => random.Next(3) == 0 ? experiment : experiment with
            {
                Prices = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(plain.Horizon) is var from
                    ? new InstancePrice(from, from + random.Next(1, 90), random.Next(-200, 200), random.Next(2) == 0 ? null : experiment.Instruments[0]) : throw new InvalidOperationException())],
            })],
        };
        var quick = Planned(priced, new() { Workers = 1, WorkLimit = 0.5, TimeLimit = TimeSpan.FromMinutes(4), Seed = seed });
        var longer = Planned(priced, new() { Workers = 1, WorkLimit = 3, TimeLimit = TimeSpan.FromMinutes(4), Seed = seed });
        Assert.True(longer.Objective >= quick.Objective && longer.Objective <= quick.Bound);
    }

    [Fact]
    public void Of_being_anywhere_else_keeps_a_plan_as_it_was()
    {
        var instance = PlanningInstance.Read(SharedInstances.Instance("M-tight-1"));
        var plan = SharedInstances.Planned("M-tight-1", 0.5);
        var at = plan.Placements.ToDictionary(placement => placement.Experiment);
        var kept = instance with
        {
            Experiments = [.. instance.Experiments.Select(experiment => at.TryGetValue(experiment.Id, out var there)
                ? experiment with { Prices = [.. there.Blocks.Select(block => new InstancePrice(block[0], block[0] + 1, -1_000_000, there.Instrument))] } : experiment)],
        };
        var again = Planned(kept, new() { Workers = 1, WorkLimit = 2, TimeLimit = TimeSpan.FromMinutes(4) }, plan);
        Assert.All(plan.Placements, placement => Assert.Contains(again.Placements, other => JsonSerializer.Serialize(other) == JsonSerializer.Serialize(placement)));
    }

    public static TheoryData<string, InstancePrice> Refused => new()
    {
        { "interval_damaged", new(3, 2, 5) }, { "price_out_of_range", new(0, 1, int.MinValue) }, { "unknown_instrument", new(0, 1, 5, 9) },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void That_makes_no_sense_is_refused(string code, InstancePrice price) => Assert.Equal(code,
        Assert.Throws<PlanningException>(() => Planner.Plan(one with { Experiments = [Only with { Prices = [price] }] }, new(), stop: TestContext.Current.CancellationToken)).Code);
}
