using Google.OrTools.Sat;
using Tutti.Scheduling.Planning;

namespace Tutti.Planning.Tests;

public sealed class The_least_that_changes_of_mode_cost
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Is_that_of_the_best_order_where_no_detour_is_cheaper_and_never_more(int seed)
    {
        var random = new Random(seed);
        var modes = random.Next(1, 5);
        var (line, same) = (Enumerable.Range(0, modes).Select(_ => random.Next(30)).ToArray(), random.Next(2) * random.Next(9));
        // On a line no detour is cheaper, whatever a change within a mode costs.
        var straight = seed % 2 == 0;
        int[][] costs = [.. Enumerable.Range(0, modes).Select(from => Enumerable.Range(0, modes).Select(to => straight ? Math.Abs(line[from] - line[to]) + same : random.Next(30)).ToArray())];
        var experiments = Enumerable.Range(0, random.Next(1, 7)).Select(_ => (Mode: random.Next(modes), IsThere: random.Next(4) > 0)).ToList();

        var model = new CpModel();
        model.Minimize(ModeChanges.Least(model, costs, experiments.Select(one =>
        {
            var literal = model.NewBoolVar("there");
            model.Add(literal == (one.IsThere ? 1 : 0));
            return (one.Mode, (IReadOnlyList<BoolVar>)[literal]);
        })));
        using var solver = new CpSolver { StringParameters = "num_workers:1" };
        Assert.Equal(CpSolverStatus.Optimal, solver.Solve(model));
        var best = Cheapest([.. experiments.Where(one => one.IsThere).Select(one => one.Mode)], costs, null);
        var least = Math.Round(solver.ObjectiveValue, 6);
        if (straight) Assert.Equal(best, least);
        else Assert.InRange(least, 0, best);
    }

    private static int Cheapest(List<int> left, int[][] costs, int? last) => left.Count == 0 ? 0
        : Enumerable.Range(0, left.Count).Min(n => (last is { } from ? costs[from][left[n]] : 0) + Cheapest([.. left[..n], .. left[(n + 1)..]], costs, left[n]));
}

public sealed class A_small_instance_with_set_up_costs
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Is_proven_optimal_with_the_work_of_a_few_seconds(int seed)
    {
        var random = new Random(seed);
        IReadOnlyList<IReadOnlyList<int>> times = [[0, 5, 5], [5, 0, 5], [5, 5, 0]], costs = [[0, 500, 300], [500, 0, 400], [300, 400, 0]];
        const int horizon = 160, experiments = 7;
        var instance = new PlanningInstance
        {
            Horizon = horizon, Travel = [[0]], Shipping = [[0]], Sites = [new(0, 1000, 0)], Countries = [new(0, 0, 1000)], CellTypes = [], ContactGroups = [new(0, [[0, horizon, 1]])], Teams = [new(0, 0, [])],
            Precedences = [], Pinned = [],
            Instruments = [new() { Id = 0, Site = 0, ContactGroup = 0, Shifts = [.. Enumerable.Range(0, horizon / 4).Select(n => (IReadOnlyList<int>)[4 * n, (4 * n) + 4])], BridgeableGap = 0, SetUpTimes = times, SetUpCosts = costs }],
            Proposals = [.. Enumerable.Range(0, experiments).Select(n => new InstanceProposal(n, 0, 0, random.Next(600, 900), [n]))],
            Experiments = [.. Enumerable.Range(0, experiments).Select(n => random.Next(2, 5)).Select((shifts, n) => new InstanceExperiment
            {
                Id = n, Proposal = n, Shifts = shifts, MinBlock = shifts, MaxBlocks = 1, Instruments = [0], Release = 0, Due = horizon, NeedsTeam = false, GloveBox = false, Required = true, Preparation = 1, Cleaning = 1, Mode = n % 3,
            })],
        };
        var plan = Planner.Plan(instance, new() { Workers = 1, WorkLimit = 1.5, TimeLimit = TimeSpan.FromMinutes(2) }, stop: TestContext.Current.CancellationToken);
        Assert.Empty(Tiny.Judged(instance, plan).Broken);
        Assert.Equal((PlanStatus.Optimal, 700L), (plan.Status, plan.Layers.Single(layer => layer.Layer == "setUp").Amount));
    }
}
