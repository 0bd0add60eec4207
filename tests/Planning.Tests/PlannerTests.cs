using System.Text.Json;
using Tutti.Scheduling.Checking;
using Tutti.Scheduling.Planning;

namespace Tutti.Planning.Tests;

public sealed class A_shared_instance
{
    private static readonly TimeSpan enough = TimeSpan.FromMinutes(4);

    private static (ShiftPlan Plan, Verdict Own) Judged(string name, PlannerOptions options, Action<PlanProgress>? progress = null, CancellationToken stop = default)
    {
        var path = SharedInstances.Instance(name);
        var plan = Planner.Plan(PlanningInstance.Read(path), options, null, progress, stop);
        var json = Json(plan);
        using var instance = File.OpenRead(path);
        var own = PlanCheck.Read(instance).Judge(JsonSerializer.Deserialize<JsonElement>(json), stop);
        Assert.Empty(own.Broken);
        Assert.Equal(plan.Objective, own.Objective);
        using var judge = new IndependentJudge(SharedInstances.Judge());
        judge.Take(File.ReadAllText(path));
        var (legal, objective, words) = judge.Judge(json);
        Assert.True(legal && objective == plan.Objective, words);
        Assert.True(plan.Bound >= plan.Objective && (plan.Status == PlanStatus.Optimal) == (plan.Bound == plan.Objective));
        return (plan, own);
    }

    private static string Json(ShiftPlan plan)
    {
        using var written = new MemoryStream();
        plan.Write(written);
        return System.Text.Encoding.UTF8.GetString(written.ToArray());
    }

    [Theory]
    [InlineData("S-open-1", 20526)]
    [InlineData("M-open-1", 149064)]
    [InlineData("planted-quota-10x60-1", 120000)]
    public void Is_proven_optimal(string name, long optimum)
    {
        var (plan, _) = Judged(name, new() { TimeLimit = enough }, stop: TestContext.Current.CancellationToken);
        Assert.Equal((PlanStatus.Optimal, optimum), (plan.Status, plan.Objective));
    }

    [Theory]
    [InlineData("S-tight-3", 25698, 27366)]
    [InlineData("M-tight-1", 129000, 161126)]
    [InlineData("L-open-1", 660000, 721500)]
    [InlineData("planted-pack-10x40-1", 74000, 80000)]
    public void Gets_a_good_plan_and_a_bound_for_a_little_work(string name, long least, long bound)
    {
        var (plan, _) = Judged(name, new() { Workers = 1, WorkLimit = 10, TimeLimit = enough, Explain = true }, stop: TestContext.Current.CancellationToken);
        Assert.InRange(plan.Objective, least, bound);
        Assert.InRange(plan.Bound ?? 0, plan.Objective, bound);
        Assert.All(plan.Unplaced, unplaced => Assert.NotEmpty(unplaced.Reasons));
        Assert.Equal(plan.Unplaced.Select(one => one.Experiment), plan.Explain?.Select(one => one.Experiment));
    }

    [Fact]
    public void Is_proven_optimal_whatever_its_parts_are_numbered()
    {
        var plain = PlanningInstance.Read(SharedInstances.Instance("S-open-1"));
        static int Other(int id) => 1000 - (7 * id);
        var instance = plain with
        {
            ContactGroups = [.. plain.ContactGroups.Select(one => one with { Id = Other(one.Id) })],
            Instruments = [.. plain.Instruments.Select(one => one with { Id = Other(one.Id), ContactGroup = Other(one.ContactGroup) })],
            Teams = [.. plain.Teams.Select(one => one with { Id = Other(one.Id) })],
            Proposals = [.. plain.Proposals.Select(one => one with { Id = Other(one.Id), Team = Other(one.Team), Experiments = [.. one.Experiments.Select(Other)] })],
            Experiments = [.. plain.Experiments.Select(one => one with { Id = Other(one.Id), Proposal = Other(one.Proposal), Instruments = [.. one.Instruments.Select(Other)] })],
            Precedences = [.. plain.Precedences.Select(one => one with { From = Other(one.From), To = Other(one.To) })],
        };
        var plan = Planner.Plan(instance, new() { TimeLimit = enough }, stop: TestContext.Current.CancellationToken);
        Assert.Equal((PlanStatus.Optimal, 20526), (plan.Status, plan.Objective));
        Assert.True(Tiny.Judged(instance, plan).IsLegal);
    }

    [Fact]
    public void Gets_the_same_plan_for_the_same_seed_and_work_of_one_worker()
    {
        var (one, other) = (SharedInstances.Planned("M-tight-1", 3, seed: 7), SharedInstances.Planned("M-tight-1", 3, seed: 7));
        Assert.Equal(Json(one), Json(other));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(40)]
    public void Gets_the_best_plan_so_far_when_the_search_is_stopped(int improvements)
    {
        using var stop = new CancellationTokenSource();
        var best = long.MinValue;
        var (plan, _) = Judged("M-tight-1", new() { TimeLimit = enough }, progress =>
        {
            best = progress.Objective;
            if (--improvements == 0) stop.Cancel();
        }, stop.Token);
        Assert.Equal(best, plan.Objective);
    }

    [Fact]
    public void Gets_a_plan_at_least_as_good_as_the_one_to_begin_with()
    {
        var start = SharedInstances.Planned("M-tight-1", 1);
        var plan = Planner.Plan(PlanningInstance.Read(SharedInstances.Instance("M-tight-1")), new() { Workers = 1, WorkLimit = 0.01, TimeLimit = enough }, start, stop: TestContext.Current.CancellationToken);
        Assert.True(plan.Objective >= start.Objective);
    }

    [Fact]
    public void Is_planned_by_the_exact_model_around_pins_that_begin_at_the_same_time()
    {
        var instance = PlanningInstance.Read(SharedInstances.Instance("S-tight-3"));
        var plan = SharedInstances.Planned("S-tight-3", 0.3);
        var pins = plan.Placements.GroupBy(place => place.Blocks[0][0]).Where(same => same.Count() > 1).SelectMany(same => same).ToList();
        Assert.NotEmpty(pins);
        var again = Planner.Plan(instance with { Pinned = pins, Started = [.. instance.Proposals.Select(proposal => proposal.Id)] }, new() { Workers = 1, WorkLimit = 12, TimeLimit = enough }, plan, stop: TestContext.Current.CancellationToken);
        Assert.All(pins, pin => Assert.Contains(again.Placements, one => JsonSerializer.Serialize(one) == JsonSerializer.Serialize(pin)));
    }

    [Fact]
    public void Keeps_what_is_pinned()
    {
        var path = SharedInstances.Instance("M-open-1");
        var instance = PlanningInstance.Read(path);
        var plan = SharedInstances.Planned("M-open-1", 0.5);
        var pins = plan.Placements.Where((_, n) => n % 4 == 0).ToList();
        var again = Planner.Plan(instance with { Pinned = pins }, new() { Workers = 1, WorkLimit = 3, TimeLimit = enough }, plan, stop: TestContext.Current.CancellationToken);
        Assert.All(pins, pin => Assert.Contains(again.Placements, one => JsonSerializer.Serialize(one) == JsonSerializer.Serialize(pin)));
        Assert.True(again.Objective >= plan.Objective);
    }
}

public sealed class An_impossible_instance
{
    private static readonly PlanningInstance good = new()
    {
        Horizon = 42, Travel = [[0, 3], [3, 0]], Shipping = [[0, 6], [6, 0]], Sites = [new(0, 40, 1), new(1, 40, 1)], Countries = [new(0, 0, 100)], CellTypes = [new(0, 1, 0)],
        ContactGroups = [new(0, [[0, 42, 1]])],
        Instruments = [new() { Id = 0, Site = 0, ContactGroup = 0, Open = [[0, 17], [21, 38]], BridgeableGap = 0, ShiftQuota = 34 }],
        Teams = [new(0, 0, [])], Proposals = [new(0, 0, 0, 60, [0])], Precedences = [], Pinned = [],
        Experiments = [new() { Id = 0, Proposal = 0, Shifts = 6, MinBlock = 6, MaxBlocks = 1, Instruments = [0], Release = 0, Due = 42, NeedsTeam = true, GloveBox = true, CellType = 0, Required = true }],
    };

    private static ShiftPlan Planned(PlanningInstance instance) => Planner.Plan(instance, new() { TimeLimit = TimeSpan.FromSeconds(20) }, stop: TestContext.Current.CancellationToken);

    private static InstanceExperiment Only => good.Experiments[0];

    public static TheoryData<string, PlanningInstance> LeftOut => new()
    {
        { UnplacedReasons.TeamAway, good with { Teams = [new(0, 0, [[0, 42]])] } },
        { UnplacedReasons.WindowTooSmall, good with { Experiments = [Only with { Release = 17, Due = 21 }] } },
        { UnplacedReasons.WindowTooSmall, good with { Experiments = [Only with { Release = 40, Due = 10 }] } },
        { UnplacedReasons.InstrumentQuota, good with { Instruments = [good.Instruments[0] with { ShiftQuota = 0 }] } },
        { UnplacedReasons.SiteQuota, good with { Sites = [new(0, 0, 1), new(1, 0, 1)] } },
        { UnplacedReasons.CountryMaximum, good with { Countries = [new(0, 0, 0)] } },
        { UnplacedReasons.RunTooShort, good with { Experiments = [Only with { Shifts = 18, MinBlock = 18 }] } },
        { UnplacedReasons.CellsOut, good with { CellTypes = [new(0, 0, 0)] } },
        { UnplacedReasons.GloveBoxesFull, good with { Sites = [new(0, 40, 0), new(1, 40, 0)] } },
        { UnplacedReasons.NoContact, good with { ContactGroups = [new(0, [])] } },
        { UnplacedReasons.NoOpenShifts, good with { Instruments = [good.Instruments[0] with { Open = [] }] } },
    };

    [Theory]
    [MemberData(nameof(LeftOut), DisableDiscoveryEnumeration = true)]
    public void Is_planned_without_what_has_no_place_and_says_why(string reason, PlanningInstance instance)
    {
        Assert.Single(Planned(good).Placements);
        var plan = Planned(instance);
        Assert.Empty(plan.Placements);
        Assert.Equal(PlanStatus.Optimal, plan.Status);
        Assert.Equal([reason], Assert.Single(plan.Unplaced).Reasons);
    }

    public static TheoryData<string, PlanningInstance> Refused => new()
    {
        { "unknown_instrument", good with { Experiments = [Only with { Instruments = [7] }] } },
        { "unknown_celltype", good with { Experiments = [Only with { CellType = 3 }] } },
        { "unknown_team", good with { Proposals = [new(0, 9, 0, 60, [0])] } },
        { "negative_number", good with { Sites = [new(0, -1, 1), new(1, 40, 1)] } },
        { "shifts_out_of_range", good with { Experiments = [Only with { Shifts = -6 }] } },
        { "order_in_a_circle", good with { Precedences = [new(0, 0, 0, false)] } },
        { "experiment_twice", good with { Experiments = [Only, Only] } },
        { "horizon_out_of_range", good with { Horizon = int.MaxValue } },
        { "pin_breaks_place", good with { Pinned = [new(0, 0, [[18, 24]])] } },
        { "pin_breaks_own_rules", good with { Pinned = [new(0, 0, [[0, 3]])] } },
        { "experiments_differ", good with { Proposals = [new(0, 0, 0, 60, [])] } },
        { "travel_damaged", good with { Travel = [[0]] } },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void Is_refused_with_a_stable_code(string code, PlanningInstance instance) =>
        Assert.Contains(Assert.Throws<PlanningException>(() => Planned(instance)).Errors, error => error.Code == code);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"horizon\": 1e99}")]
    [InlineData("{\"horizon\": 42, \"sites\": null}")]
    public void That_is_no_instance_is_refused(string json) =>
        Assert.Equal("instance_damaged", Assert.Throws<PlanningException>(() => PlanningInstance.Read(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json)))).Code);

    [Theory]
    [InlineData("{\"horizon\": 42}", "$", "travel")]
    [InlineData("{\"horizon\": true}", "$.horizon", "not of the form")]
    [InlineData("{\"sites\": [{\"id\": 0, \"gloveBoxes\": 1}]}", "$.sites[0]", "shiftQuota")]
    [InlineData("{\"teams\": [{\"id\": 0, \"country\": 0, \"away\": [[0, \"x\"]]}]}", "$.teams[0].away[0][1]", "not of the form")]
    [InlineData("{\"horizon\": 42,", "", "no JSON")]
    public void Names_the_member_that_is_missing_or_ill(string json, string subject, string word)
    {
        var error = Assert.Single(Assert.Throws<PlanningException>(() => PlanningInstance.Read(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json)))).Errors);
        Assert.Equal("instance_damaged", error.Code);
        if (subject.Length > 0) Assert.Equal(subject, error.Subject);
        Assert.Contains(word, error.Text, StringComparison.Ordinal);
        var unreadable = Assert.Throws<UnreadableException>(() => PlanCheck.Read(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json))));
        Assert.Equal("instance_unreadable", unreadable.Code);
    }

    [Fact]
    public void Of_ten_thousand_proposals_is_planned_within_its_limits()
    {
        const int count = 10_000;
        var instance = good with
        {
            Teams = [.. Enumerable.Range(0, count).Select(id => new InstanceTeam(id, 0, []))],
            Proposals = [.. Enumerable.Range(0, count).Select(id => new InstanceProposal(id, id, 0, 40 + (id % 60), [id]))],
            Experiments = [.. Enumerable.Range(0, count).Select(id => Only with { Id = id, Proposal = id, Shifts = 1 + (id % 9), MinBlock = 1 + (id % 9) })],
        };
        var plan = Planner.Plan(instance, new() { TimeLimit = TimeSpan.FromSeconds(5) }, stop: TestContext.Current.CancellationToken);
        Assert.NotEmpty(plan.Placements);
        using var json = new MemoryStream();
        instance.Write(json);
        json.Position = 0;
        using var written = new MemoryStream();
        plan.Write(written);
        written.Position = 0;
        Assert.Empty(PlanCheck.Read(json).Judge(written).Broken);
    }
}
