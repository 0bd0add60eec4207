using System.Text.Json;
using Tutti.Scheduling.Checking;
using Tutti.Scheduling.CommandLine;
using Tutti.Scheduling.Planning;

namespace Tutti.Planning.Tests;

public sealed class A_repair
{
    private static readonly PlannerOptions little = new() { Workers = 1, WorkLimit = 1.5, TimeLimit = TimeSpan.FromMinutes(4) };

    private static readonly Lazy<(PlanningInstance Instance, ShiftPlan Plan)> published =
        new(() => (PlanningInstance.Read(SharedInstances.Instance("M-tight-1")), SharedInstances.Planned("M-tight-1", 4)));

    private static RepairedPlan Repaired(Disruption disruption, RepairOption option) => Repaired(disruption, option, published.Value.Instance, published.Value.Plan);

    private static RepairedPlan Repaired(Disruption disruption, RepairOption option, PlanningInstance instance, ShiftPlan plan)
    {
        var repaired = Repair.Plan(instance, plan, disruption, option, little, stop: TestContext.Current.CancellationToken);
        using MemoryStream json = new(), written = new();
        repaired.Instance.Write(json);
        repaired.Plan.Write(written);
        json.Position = written.Position = 0;
        var verdict = PlanCheck.Read(json).Judge(written);
        Assert.Empty(verdict.Broken);
        Assert.Equal(verdict.Objective, repaired.Plan.Objective);
        return repaired;
    }

    /// <summary>The instrument and week in which most experiments are.</summary>
    private static LostTime Busiest()
    {
        var (instance, plan) = published.Value;
        return (from week in Enumerable.Range(0, instance.Horizon / 21)
                from instrument in instance.Instruments
                let lost = new LostTime(instrument.Id, 21 * week, (21 * week) + 21)
                orderby plan.Placements.Count(place => Touches(place, lost)) descending, week, instrument.Id
                select lost).First();
    }

    private static bool Touches(InstancePlacement place, LostTime lost) => place.Instrument == lost.Instrument && place.Blocks.Any(block => block[0] < lost.End && lost.Start < block[1]);

    private static bool Same(InstancePlacement? one, InstancePlacement other) => one is not null && one.Instrument == other.Instrument && one.Blocks.SelectMany(block => block).SequenceEqual(other.Blocks.SelectMany(block => block));

    [Fact]
    public void After_lost_time_hits_what_was_there_and_keeps_the_others()
    {
        var lost = Busiest();
        var repaired = Repaired(new() { Now = lost.Start, Lost = [lost] }, RepairOption.LeastMoved);
        var hit = published.Value.Plan.Placements.Where(place => Touches(place, lost)).ToList();
        Assert.NotEmpty(hit);
        Assert.All(hit, place => Assert.Contains(repaired.Changes, change => change.Experiment == place.Experiment && change.Hit));
        Assert.Equal(hit.Count, repaired.Changes.Count(change => change.Hit));
        Assert.DoesNotContain(repaired.Plan.Placements, place => Touches(place, lost));
        Assert.True(repaired.UntouchedTeamsMoved.Count <= 0.03 * repaired.UntouchedTeams, $"{repaired.UntouchedTeamsMoved.Count} of {repaired.UntouchedTeams} teams moved.");
        Assert.All(published.Value.Plan.Placements.Where(place => place.Blocks[0][0] < lost.Start && !Touches(place, lost)), place => Assert.Contains(repaired.Plan.Placements, one => Same(one, place)));
    }

    [Theory]
    [InlineData(RepairOption.LeastMoved)]
    [InlineData(RepairOption.ReserveOnly)]
    public void After_a_team_cancels_leaves_what_it_has_measured(RepairOption option)
    {
        var (instance, plan) = published.Value;
        var teams = instance.Proposals.ToDictionary(one => one.Id, one => one.Team);
        var teamOf = instance.Experiments.ToDictionary(one => one.Id, one => one.Team ?? teams[one.Proposal]);
        // The team of which, between two of its experiments, most are over and some still to come.
        var (team, now) = (from place in plan.Placements
                           let end = place.Blocks[^1][1]
                           let others = plan.Placements.Where(one => teamOf[one.Experiment] == teamOf[place.Experiment]).ToList()
                           where others.Exists(one => one.Blocks[0][0] >= end) && others.TrueForAll(one => one.Blocks[^1][1] <= end || one.Blocks[0][0] >= end)
                           orderby others.Count(one => one.Blocks[^1][1] <= end) descending, place.Experiment
                           select (teamOf[place.Experiment], end)).First();
        var repaired = Repaired(new() { Now = now, CancelledTeams = [team] }, option);
        var own = plan.Placements.Where(one => teamOf[one.Experiment] == team).ToLookup(one => one.Blocks[^1][1] <= now);
        Assert.NotEmpty(own[true]);
        Assert.All(own[true], place => Assert.Contains(repaired.Plan.Placements, one => Same(one, place)));
        Assert.All(own[true], place => Assert.DoesNotContain(repaired.Changes, change => change.Experiment == place.Experiment));
        Assert.All(own[false], place => Assert.Contains(repaired.Changes, change => change.Experiment == place.Experiment && change is { Hit: true, Effect: RepairEffect.Dropped }));
    }

    [Fact]
    public void For_most_science_is_worth_no_less_than_one_that_moves_nobody()
    {
        var lost = Busiest();
        Disruption disruption = new() { Now = lost.Start, Lost = [lost] };
        var most = Repaired(disruption, RepairOption.MostScience);
        Assert.True(most.Plan.Objective >= 0.995 * Repaired(disruption, RepairOption.LeastMoved).Plan.Objective);
    }

    [Fact]
    public void From_the_reserve_list_moves_nobody_and_leaves_out_what_was_hit()
    {
        var lost = Busiest();
        var repaired = Repaired(new() { Now = lost.Start, Lost = [lost] }, RepairOption.ReserveOnly);
        Assert.Empty(repaired.UntouchedTeamsMoved);
        Assert.All(repaired.Changes, change => Assert.Equal(change.Before is not null, change is { Hit: true, Effect: RepairEffect.Dropped }));
    }

    [Fact]
    public void After_a_cancellation_keeps_what_the_team_has_begun_and_nothing_later()
    {
        var (instance, plan) = published.Value;
        var teams = instance.Proposals.ToDictionary(proposal => proposal.Id, proposal => proposal.Team);
        var proposalOf = instance.Experiments.ToDictionary(one => one.Id, one => one.Proposal);
        var visits = plan.Placements.ToLookup(place => teams[proposalOf[place.Experiment]]);
        var team = visits.First(group => group.Select(place => place.Blocks[0][0]).Distinct().Count() > 1).Key;
        var ordered = visits[team].OrderBy(place => place.Blocks[0][0]).ToList();
        var repaired = Repaired(new() { Now = ordered[0].Blocks[0][0] + 1, CancelledTeams = [team] }, RepairOption.LeastMoved);
        var left = repaired.Plan.Placements.Where(place => teams[proposalOf[place.Experiment]] == team).ToList();
        Assert.All(left, place => Assert.True(place.Blocks[0][0] <= ordered[0].Blocks[0][0]));
        Assert.Contains(repaired.Changes, change => change.Team == team && change.Effect == RepairEffect.Dropped);
    }

    [Fact]
    public void After_withdrawn_cells_holds_no_more_than_are_left()
    {
        var (instance, plan) = published.Value;
        var type = instance.CellTypes.MaxBy(one => plan.Placements.Count(place => instance.Experiments.Single(experiment => experiment.Id == place.Experiment).CellType == one.Id)) ?? throw new InvalidOperationException();
        var repaired = Repaired(new() { Now = 100, WithdrawnCells = [new(type.Id, type.Count, 100, 300)] }, RepairOption.LeastMoved);
        Assert.Contains(repaired.Changes, change => change.Hit);
        Assert.DoesNotContain(repaired.Plan.Placements, place => instance.Experiments.Single(one => one.Id == place.Experiment).CellType == type.Id && place.Blocks.Any(block => block[0] < 300 && block[1] > 100 && block[0] >= 100));
    }

    [Fact]
    public void Of_a_plan_that_leaves_room_for_better_ones_drops_nobody_for_them()
    {
        // A plan by rank, each as early as can be: others who wait are worth much more than some who have a place.
        var instance = PlanningInstance.Read(SharedInstances.Instance("M-open-1"));
        using var file = File.OpenRead(SharedInstances.Instance("M-open-1.greedy"));
        var greedy = ShiftPlan.Read(file);
        foreach (var week in (int[])[3, 8, 13])
        {
            var lost = (from instrument in instance.Instruments
                        let time = new LostTime(instrument.Id, 21 * week, (21 * week) + 21)
                        orderby greedy.Placements.Count(place => Touches(place, time)) descending, instrument.Id
                        select time).First();
            var repaired = Repaired(new() { Now = lost.Start, Lost = [lost] }, RepairOption.LeastMoved, instance, greedy);
            Assert.Contains(repaired.Changes, change => change.Hit);
            Assert.DoesNotContain(repaired.Changes, change => change is { Hit: false, Effect: RepairEffect.Dropped });
            // Whoever moves makes room for somebody who was hit.
            var moved = repaired.Changes.Where(change => change is { Hit: false, Effect: RepairEffect.Moved }).ToList();
            Assert.True(moved.Count <= repaired.Changes.Count(change => change is { Hit: true, Effect: RepairEffect.Moved }), string.Join("; ", moved));
        }
    }

    private static readonly InstanceExperiment fixedFour = An_explanation.Experiment(0, 5, 4) with { Release = 4, Due = 8 }, twoBlocks = An_explanation.Experiment(0, 5, 4) with { MinBlock = 2, MaxBlocks = 2 },
        fewer = An_explanation.Experiment(0, 5, 6) with { Due = 6, MinShifts = 4, ConsentsToFewer = true };

    /// <summary>What experiment 0 has published on instrument 0, what else was published there, and who waits: each would bring more than experiment 0 if that gave way.</summary>
    public static TheoryData<string, InstanceExperiment, int[][], InstanceExperiment[], int> Tempting => new()
    {
        { "one", An_explanation.Experiment(0, 5, 3), [[4, 7]], [An_explanation.Experiment(1, 0, 9)], 0 },
        { "two together", fixedFour, [[4, 8]], [An_explanation.Experiment(1, 0, 3) with { Release = 2, Due = 6 }, An_explanation.Experiment(2, 1, 3) with { Release = 6, Due = 10 }], 0 },
        { "by one block of two", twoBlocks, [[0, 2], [5, 7]], [An_explanation.Experiment(1, 0, 6)], 0 },
        { "by fewer shifts", fewer, [[0, 6]], [An_explanation.Experiment(1, 0, 7)], 0 },
        { "what was hit, two of one proposal", An_explanation.Experiment(0, 5, 6) with { Release = 6 }, [[6, 12]], [An_explanation.Experiment(1, 0, 3), An_explanation.Experiment(2, 0, 3)], 6 },
        { "what was hit, of two proposals", An_explanation.Experiment(0, 5, 6) with { Release = 6 }, [[6, 12]], [An_explanation.Experiment(1, 0, 3), An_explanation.Experiment(2, 1, 3)], 6 },
    };

    [Theory]
    [MemberData(nameof(Tempting), DisableDiscoveryEnumeration = true)]
    public void That_moves_as_few_as_possible_takes_no_place_for_others(string others, InstanceExperiment stays, int[][] blocks, InstanceExperiment[] tempting, int lost)
    {
        Assert.NotEmpty(others);
        var instance = An_explanation.Instance([stays, .. tempting]);
        // What is hit stood side by side from the beginning of the lost time on.
        List<InstancePlacement> placements = [new(0, 0, blocks)];
        if (lost > 0) placements.AddRange(tempting.Select((one, n) => new InstancePlacement(one.Id, 0, [[3 * n, (3 * n) + 3]])));
        var plan = new ShiftPlan { Status = PlanStatus.Feasible, Objective = 0, Placements = placements };
        Disruption disruption = new() { Lost = [lost > 0 ? new(0, 0, lost) : new(2, 0, 3)] };
        var repaired = Repaired(disruption, RepairOption.LeastMoved, instance, plan);
        Assert.Contains(repaired.Plan.Placements, one => Same(one, placements[0]));
        Assert.DoesNotContain(repaired.Changes, change => change.Effect == RepairEffect.Added);
        // It does give way where science counts most.
        Assert.DoesNotContain(Repaired(disruption, RepairOption.MostScience, instance, plan).Plan.Placements, one => Same(one, placements[0]));
    }

    [Fact]
    public void Keeps_a_smaller_grant_and_says_that_it_is_one()
    {
        var instance = An_explanation.Instance(fewer with { Due = 12 }, An_explanation.Experiment(1, 0, 3));
        var plan = new ShiftPlan { Status = PlanStatus.Feasible, Objective = 0, Placements = [new(0, 0, [[0, 4]]), new(1, 0, [[4, 7]])] };
        var repaired = Repaired(new() { Lost = [new(0, 5, 6)] }, RepairOption.LeastMoved, instance, plan);
        Assert.Contains(repaired.Plan.Placements, one => Same(one, plan.Placements[0]));
        Assert.Equal([new(0, 6, 4)], repaired.Plan.Granted);
        Assert.Equal(RepairEffect.Moved, Assert.Single(repaired.Changes).Effect);
    }

    [Fact]
    public void Weighs_a_promised_place_by_how_near_it_is_and_whether_travel_is_booked()
    {
        static PromisedWorth Worth(RepairOption option, long[] waiting, long[] hit) => new(option, [500, 1_000, 0, 7_000], waiting, hit);
        var (plain, tempted) = (Worth(RepairOption.LeastMoved, [], []), Worth(RepairOption.LeastMoved, [20_000, 15_000], [9_000, 4_000]));
        Assert.Equal((3_000, 1_667, 1_222), (plain.OfPlace(0, false), plain.OfPlace(21, false), plain.OfPlace(42, false)));
        Assert.Equal(2 * plain.OfPlace(0, false), plain.OfPlace(0, true));
        Assert.True(plain.OfAnother < plain.OfPlace(1_000, false));
        Assert.True(tempted.OfPlace(1_000, false) > 35_000 && tempted.OfAnother < tempted.OfPlace(1_000, false) && tempted.OfAny >= 13_000 + (2 * tempted.OfAnother));
        // Science counts most: published places weigh little, whoever waits.
        Assert.Equal((300, 25, 0), (Worth(RepairOption.MostScience, [20_000], [9_000]) is var most ? (most.OfPlace(0, true), most.OfAnother, most.OfAny) : default));
        // However much there is, the numbers stay those that the planner takes.
        Assert.All([Worth(RepairOption.LeastMoved, [long.MaxValue / 4], [long.MaxValue / 4, 9])], vast => Assert.True(vast.OfAny <= 100_000_000 && vast.OfPlace(0, true) > vast.OfPlace(9, true) && vast.OfPlace(1_000, false) > vast.OfAnother));
    }

    public static TheoryData<string, Disruption> Refused => new()
    {
        { "unknown_instrument", new() { Lost = [new(999, 0, 3)] } }, { "interval_damaged", new() { Lost = [new(0, 3, 3)] } }, { "unknown_team", new() { CancelledTeams = [-7] } },
        { "unknown_celltype", new() { WithdrawnCells = [new(99, 1, 0, 3)] } }, { "now_out_of_range", new() { Now = -1 } }, { "unknown_experiment", new() { CancelledExperiments = [100_000] } },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void Of_what_is_not_there_is_refused(string code, Disruption disruption) =>
        Assert.Equal(code, Assert.Throws<PlanningException>(() => Repaired(disruption, RepairOption.LeastMoved)).Code);

    [Fact]
    public void Of_a_plan_that_was_not_legal_is_refused()
    {
        var (instance, plan) = published.Value;
        var moved = plan with { Placements = [plan.Placements[0] with { Blocks = [[0, 1]] }, .. plan.Placements.Skip(1)] };
        Assert.StartsWith("published_", Assert.Throws<PlanningException>(() => Repair.Plan(instance, moved, new() { Lost = [new(0, 0, 3)] }, RepairOption.LeastMoved, little)).Code, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_the_command_line_writes_plan_and_instance_which_its_check_finds_legal()
    {
        var folder = Directory.CreateTempSubdirectory("tutti-repair-").FullName;
        try
        {
            async Task<(int Code, string Out, string Error)> RunAsync(params string[] args)
            {
                using StringWriter output = new(), error = new();
                return (await PlanningCommand.RunAsync(args, output, error, TestContext.Current.CancellationToken), output.ToString(), error.ToString());
            }
            string instance = SharedInstances.Instance("S-open-1"), plan = Path.Combine(folder, "plan.json"), repaired = Path.Combine(folder, "repaired.json"), problem = Path.Combine(folder, "problem.json");
            await using (var file = File.Create(plan)) SharedInstances.Planned("S-open-1", 0.5).Write(file);
            var (code, output, error) = await RunAsync("repair", instance, plan, "--lost", "0:0-42", "--option", "least-moved", "--time-limit", "2", "--output", repaired, "--instance-output", problem);
            Assert.True(code == 0, error);
            Assert.StartsWith("least-moved: objective", output, StringComparison.Ordinal);
            Assert.Equal(0, (await RunAsync("check", problem, repaired)).Code);
            Assert.NotEmpty(JsonDocument.Parse(await File.ReadAllTextAsync(repaired, TestContext.Current.CancellationToken)).RootElement.GetProperty("changes").EnumerateArray());
            (code, output, _) = await RunAsync("repair", instance, plan, "--lost", "0:0-42", "--time-limit", "1");
            Assert.Equal((0, 3), (code, output.Split('\n').Count(line => line.Contains(": objective", StringComparison.Ordinal))));
            Assert.StartsWith("usage: --lost has the form", (await RunAsync("repair", instance, plan, "--lost", "0:9")).Error, StringComparison.Ordinal);
            Assert.StartsWith("usage: Nothing has happened", (await RunAsync("repair", instance, plan)).Error, StringComparison.Ordinal);
            Assert.Equal(2, (await RunAsync("repair", instance, plan, "--lost", "77:0-42")).Code);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

public sealed class An_explanation
{
    internal static InstanceExperiment Experiment(int id, int proposal, int shifts, int instrument = 0) =>
        new() { Id = id, Proposal = proposal, Shifts = shifts, MinBlock = shifts, MaxBlocks = 1, Instruments = [instrument], Release = 0, Due = 12, NeedsTeam = false, GloveBox = false, Required = true };

    internal static PlanningInstance Instance(params InstanceExperiment[] experiments) => new()
    {
        Horizon = 12, Travel = [[0]], Shipping = [[0]], Sites = [new(0, 80, 1)], Countries = [new(0, 0, 100)], CellTypes = [], ContactGroups = [new(0, [[0, 12, 5]])],
        Instruments = [.. Enumerable.Range(0, 3).Select(id => new InstanceInstrument { Id = id, Site = 0, ContactGroup = 0, Technique = $"T{id / 2}", Open = [[0, 12]], BridgeableGap = 0 })],
        Teams = [new(0, 0, [])], Precedences = [], Pinned = [], Experiments = experiments,
        Proposals = [.. experiments.GroupBy(one => one.Proposal).Select(group => new InstanceProposal(group.Key, 0, 0, 90 - (10 * group.Key), [.. group.Select(one => one.Id)]))],
    };

    private static Explanation Explained(PlanningInstance instance, int experiment) => Assert.Single(Planner.Plan(instance,
        new() { TimeLimit = TimeSpan.FromSeconds(30), Explain = true, ForceTime = TimeSpan.FromSeconds(5) }, stop: TestContext.Current.CancellationToken).Explain ?? [], one => one.Experiment == experiment);

    [Fact]
    public void Tells_what_placing_it_by_force_would_displace_and_cost()
    {
        var told = Explained(Instance(Experiment(0, 0, 5), Experiment(1, 1, 6), Experiment(2, 2, 6)), 2);
        Assert.Equal([UnplacedReasons.InstrumentFull], told.Relax);
        Assert.Equal((60L, true), (told.Forced?.Cost, told.Forced?.Proven));
        Assert.Equal([0], told.Forced?.Displaced);
        Assert.Equal([1], told.OtherInstruments);
        Assert.Contains("Placing it by force would cost 60", told.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Moves_nobody_by_force_who_could_stay()
    {
        var instance = PlanningInstance.Read(SharedInstances.Instance("M-open-1"));
        var plan = Planner.Plan(instance, new() { TimeLimit = TimeSpan.FromSeconds(3), Explain = true, ForceTime = TimeSpan.FromSeconds(7) }, stop: TestContext.Current.CancellationToken);
        var (check, before) = (Tiny.Check(instance), plan.Placements.ToDictionary(place => place.Experiment));
        var ways = (plan.Explain ?? []).Select(one => one.Forced).OfType<ForcedIn>().ToList();
        Assert.NotEmpty(ways);
        foreach (var way in ways)
        {
            var changed = way.Placements.Select(place => place.Experiment).ToHashSet();
            List<InstancePlacement> after = [.. plan.Placements.Where(place => !changed.Contains(place.Experiment) && !way.Displaced.Contains(place.Experiment)), .. way.Placements];
            var worth = Worth(after);
            Assert.Equal(plan.Objective - way.Cost, worth);
            foreach (var moved in way.Moved)
                Assert.False(Worth([.. after.Where(place => place.Experiment != moved), before[moved]]) >= worth, $"Experiment {moved} could stay where it was.");
        }

        long? Worth(IReadOnlyList<InstancePlacement> placements) => check.Judge(Tiny.Document(placements)) is { IsLegal: true } legal ? legal.Objective : null;
    }

    [Fact]
    public void Names_another_instrument_only_with_a_cell_unless_others_than_those_of_its_type_may_serve_there()
    {
        var cells = Instance(Experiment(0, 0, 5) with { CellType = 0 }, Experiment(1, 1, 6, 1));
        foreach (var (instruments, there) in new (int[]?, int[])[] { (null, []), ([0, 1], []), ([0], [1]), ([], [1]) })
        {
            var told = Explained(cells with { CellTypes = [new(0, 1, 0) { Withdrawn = [[0, 12, 1]], Instruments = instruments }] }, 0);
            Assert.Equal([UnplacedReasons.CellsOut], told.Relax);
            Assert.Equal(there, told.OtherInstruments);
        }
    }

    [Fact]
    public void Judges_another_instrument_by_its_own_hand_over()
    {
        // Instrument 1 has 6 free shifts behind an experiment of 6, which ends at the beginning or the end of its time.
        var instance = Instance(Experiment(0, 0, 8), Experiment(1, 1, 6, 1), Experiment(2, 2, 6) with { Preparation = 1, Cleaning = 1 });
        Assert.Empty(Others(null, null));
        Assert.Equal([1], Others(0, 0));
        Assert.Empty(Others(1, 1));
        Assert.Equal([1], Others(0, 0, [[0, 0], [0, 0]]));
        Assert.Empty(Others(0, 0, [[0, 1], [1, 0]]));
        // A mode of which its table does not know is no mode of it.
        Assert.Empty(Others(0, 0, [[0]]));

        IReadOnlyList<int> Others(int? preparation, int? cleaning, IReadOnlyList<IReadOnlyList<int>>? times = null) => Explained(instance with
        {
            Instruments = [.. instance.Instruments.Select(one => one.Id != 1 ? one : one with { Preparation = preparation, Cleaning = cleaning, SetUpTimes = times })],
            Experiments = [.. instance.Experiments.Select(one => one with { Mode = one.Id == 2 ? 1 : 0 })],
        }, 2).OtherInstruments;
    }

    [Fact]
    public void Says_that_a_smaller_grant_would_fit_with_all_else_that_the_proposal_requires()
    {
        var told = Explained(Instance(Experiment(0, 0, 8), Experiment(1, 1, 6), Experiment(2, 1, 2, 1)), 1);
        Assert.Equal(4, told.SmallerGrant);
    }

    [Fact]
    public void Says_that_it_cannot_be_placed_at_all_only_of_what_no_plan_has()
    {
        // Each has a place of its own, and the order leaves none to both.
        var instance = Instance(Experiment(0, 0, 6), Experiment(1, 0, 6, 1) with { Due = 9 }) with { Precedences = [new(0, 1, 0, false)] };
        Assert.True(Explained(instance, 1).Impossible);
        Assert.False(Explained(Instance(Experiment(0, 0, 8), Experiment(1, 1, 6)), 1).Impossible);
        Assert.True(Explained(Instance(Experiment(0, 0, 13)), 0).Impossible);
    }

    [Fact]
    public void Names_a_rule_without_which_only_two_blocks_would_have_a_place()
    {
        // Two runs of five shifts, and six are asked.
        var divided = Experiment(0, 0, 6) with { MinBlock = 3, MaxBlocks = 2, NeedsTeam = true };
        var instance = Instance(divided) with { Teams = [new(0, 0, [[0, 12]])] };
        instance = instance with { Instruments = [instance.Instruments[0] with { Open = [[0, 5], [7, 12]] }, .. instance.Instruments.Skip(1)] };
        Assert.Equal([UnplacedReasons.TeamAway], Explained(instance, 0).Relax);
        Assert.Empty(Explained(instance with { Experiments = [divided with { MaxBlocks = 1, MinBlock = 6 }] }, 0).Relax);
        var full = Instance(divided with { NeedsTeam = false }, Experiment(1, 1, 4) with { Bonus = 1000 }, Experiment(2, 2, 5) with { Bonus = 1000, Due = 5 });
        full = full with { Instruments = instance.Instruments };
        Assert.Contains(UnplacedReasons.InstrumentFull, Explained(full, 0).Relax);
    }

    [Fact]
    public void Says_of_optional_ones_that_are_tied_together_what_keeps_both_out_and_forces_them_in_together()
    {
        var instance = Instance(Experiment(0, 0, 12), Experiment(1, 1, 1, 1), Experiment(2, 1, 2) with { Required = false }, Experiment(3, 1, 2, 1) with { Required = false }) with { Together = [[2, 3]] };
        var plan = Planner.Plan(instance, new() { TimeLimit = TimeSpan.FromSeconds(30), Explain = true, ForceTime = TimeSpan.FromSeconds(5) }, stop: TestContext.Current.CancellationToken);
        Assert.Equal([(2, UnplacedReasons.InstrumentFull), (3, UnplacedReasons.GroupIncomplete)], plan.Unplaced.Select(one => (one.Experiment, Assert.Single(one.Reasons))));
        Assert.All([2, 3], id =>
        {
            var told = Explained(instance, id);
            Assert.Equal([UnplacedReasons.InstrumentFull], told.Relax);
            Assert.False(told.Impossible);
            Assert.Equal([0], told.Forced?.Displaced);
            Assert.Equal([], told.Forced?.Added);
        });
        Assert.All([2, 3], id => Assert.True(Explained(instance with { Experiments = [.. instance.Experiments.Take(3), instance.Experiments[3] with { Due = 1 }] }, id).Impossible));
    }

    [Fact]
    public void Says_of_all_that_are_placed_together_alike_whether_they_could_be_placed_at_all()
    {
        var instance = Instance(Experiment(0, 0, 12), Experiment(1, 1, 2), Experiment(2, 2, 2, 1)) with { Together = [[1, 2]] };
        Assert.All([1, 2], one => Assert.False(Explained(Full(2), one).Impossible));
        Assert.All([1, 2], one => Assert.True(Explained(Full(13), one).Impossible));

        PlanningInstance Full(int shifts) => instance with { Experiments = [.. instance.Experiments.Select(one => one.Id == 2 ? one with { Shifts = shifts, MinBlock = shifts } : one)] };
    }
}
