using FsCheck;
using FsCheck.Fluent;
using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Planning;
using static Tutti.Scheduling.Tests.Problems;

namespace Tutti.Scheduling.Tests;

[Trait("engine", "any")]
public sealed class A_plan
{
    private static void ForRandomProblems(int tests, int most, int days, Action<PlanningProblem> holds) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(tests), Prop.ForAll(Gen.Choose(1, 10_000_000).ToArbitrary(), seed =>
        {
            var problem = Random(seed, most, days);
            Assert.Empty(problem.Validate());
            holds(problem);
        }));

    [Fact]
    public void Breaks_no_rule_whatever_the_problem() =>
        ForRandomProblems(150, 12, 8, problem => Assert.Empty(PlanChecker.Check(problem, Planned(problem))));

    [Fact]
    public void Is_as_good_as_the_best_of_all_plans_there_are() => ForRandomProblems(120, 4, 3, problem =>
    {
        var plan = Planned(problem);
        Assert.Equal(PlanStatus.Optimal, plan.Status);
        Assert.Equal(BestOfAll(problem), plan.Objective);
    });

    [Fact]
    public void Keeps_pinned_placements_when_the_rest_changes() => ForRandomProblems(60, 10, 6, problem =>
    {
        var plan = Planned(problem);
        var pins = plan.Placements.Where((_, i) => i % 2 == 0).Select(placement => new Pin(placement.ExperimentId, placement.Instrument, placement.Start, placement.End)).ToList();
        var changed = problem with
        {
            Pins = pins,
            Experiments = [.. problem.Experiments.Select(experiment => pins.Exists(pin => pin.ExperimentId == experiment.Id) ? experiment
                : experiment with { Forbidden = [.. experiment.Forbidden, new(null, 0, 24, ForbiddenReason.CellRefused)] })],
        };
        var replanned = Planned(changed);
        Assert.All(pins, pin => Assert.Contains(replanned.Placements, placement =>
            placement.ExperimentId == pin.ExperimentId && placement.Instrument == pin.Instrument && placement.Start == pin.Start && placement.End == pin.End));
        Assert.Empty(PlanChecker.Check(changed, replanned));
    });

    [Fact]
    public void Names_as_reserve_only_who_has_a_place_when_another_gives_back_what_nobody_promised()
    {
        var named = 0;
        // Many problems have a reserve list, not all.
        foreach (var seed in Enumerable.Range(1, 25))
        {
            var problem = Random(seed, 12, 3);
            var first = Planned(problem);
            var pins = first.Placements.Take(1).Select(placement => new Pin(placement.ExperimentId, placement.Instrument, placement.Start, placement.End)).ToList();
            var pinned = problem with { Pins = pins };
            var proposalOf = problem.Experiments.ToDictionary(one => one.Id, one => one.ProposalId);
            var plan = Planned(pinned);
            foreach (var (waiting, rank) in plan.Reserve.Select((one, before) => (one, 1 + before)))
            {
                named++;
                Assert.Equal(rank, waiting.Rank);
                Assert.DoesNotContain(plan.Placements, one => proposalOf[one.ExperimentId] == waiting.ProposalId);
                Assert.DoesNotContain(pins, pin => proposalOf[pin.ExperimentId] == waiting.ProposalId || waiting.InsteadOf.Any(way => way.Contains(proposalOf[pin.ExperimentId])));
                Assert.Equal(problem.Experiments.Where(one => one.ProposalId == waiting.ProposalId && one.Required).Select(one => one.Id).Order(), waiting.Placements.Select(one => one.ExperimentId).Order());
                Assert.Empty(PlanChecker.CheckPlacements(pinned, [.. plan.Placements.Where(one => !waiting.InsteadOf[0].Contains(proposalOf[one.ExperimentId])), .. waiting.Placements]));
            }
        }
        Assert.NotEqual(0, named);
    }

    [Fact]
    public void Is_the_same_for_the_same_problem_and_seed() => ForRandomProblems(20, 12, 6, problem =>
        Assert.Equal(Planned(problem).Placements.Select(Text), Planned(problem).Placements.Select(Text)));

    [Fact]
    public void Says_of_an_experiment_without_needs_what_its_proposal_lacks()
    {
        var problem = Problem([Instrument("xas", "xxx"), Instrument("nmr", "xxx")], Experiment(1, 1, 1, "xas"), Experiment(2, 1, 1, "nmr") with { Stock = "box" }, Experiment(3, 2, 1, "nmr") with { Stock = "pouch" }) with
        {
            Stocks = [new("box", PoolStock.EquipmentOut, 1, [new(0, 100, 1)], new Dictionary<string, int>()), new("pouch", PoolStock.CellsOut, 1, [new(0, 100, 1)], new Dictionary<string, int>())],
        };
        var plan = AskPlanner.Plan(problem, new PlannerOptions { Workers = 1, TimeLimit = TimeSpan.FromSeconds(60), Explain = true, ForceTime = TimeSpan.FromSeconds(1) }, stop: TestContext.Current.CancellationToken).Plan;
        var helping = Assert.IsType<Plan>(plan).Help.ToDictionary(one => one.ExperimentId, one => one.Relax);
        Assert.Equal([PoolStock.EquipmentOut], helping[Id(1)]);
        Assert.Equal([PoolStock.EquipmentOut], helping[Id(2)]);
        Assert.Equal([PoolStock.CellsOut], helping[Id(3)]);
    }

    private static string Text(Placement placement) => $"{placement.ExperimentId} {placement.Instrument} {placement.Start}";

    /// <summary>The best objective over every legal combination of places, found by trying them all.</summary>
    private static long BestOfAll(PlanningProblem problem)
    {
        var ways = problem.Experiments.Select(experiment => problem.Instruments.Where(instrument => experiment.Instruments.Contains(instrument.Id))
            .SelectMany(instrument => Enumerable.Range(experiment.MinShifts ?? experiment.Shifts, experiment.Shifts - (experiment.MinShifts ?? experiment.Shifts) + 1)
                .SelectMany(shifts => Enumerable.Range(0, Math.Max(0, instrument.OpenShifts.Count - shifts + 1)).Select(first => new Placement(
                    experiment.Id, instrument.Id, instrument.OpenShifts[first].Start, instrument.OpenShifts[first + shifts - 1].End, [.. Enumerable.Range(first, shifts)]))))
            .Where(placement => PlanChecker.CheckPlacements(problem, [placement]).All(violation => violation.Code is ViolationCodes.ProposalIncomplete or ViolationCodes.GroupIncomplete)).ToArray()).ToArray();
        var chosen = new List<Placement>();
        return Best(0);

        long Best(int next)
        {
            if (next == ways.Length) return PlanChecker.CheckPlacements(problem, chosen).Count == 0 ? PlanChecker.Objective(problem, chosen) : long.MinValue;
            var best = Best(next + 1);
            foreach (var way in ways[next])
            {
                chosen.Add(way);
                best = Math.Max(best, Best(next + 1));
                chosen.RemoveAt(chosen.Count - 1);
            }
            return best;
        }
    }

    [Fact]
    public void Serves_what_is_worth_most_and_not_only_the_highest_score_first()
    {
        var problem = Problem([Instrument("xas", "xxxx")],
            Experiment(1, 1, 3, "xas") with { Score = 70, Release = 4 }, Experiment(2, 2, 2, "xas") with { Score = 65 }, Experiment(3, 3, 2, "xas") with { Score = 65 });
        var plan = Planned(problem);
        Assert.Equal((PlanStatus.Optimal, 2 * 65 * 4), (plan.Status, plan.Objective));
        Assert.Equal([UnplacedReasons.InstrumentFull], plan.WhyNot(1));
    }

    [Fact]
    public void Honours_order_and_gaps_over_instruments_and_sites_with_the_sample_under_way()
    {
        var problem = Problem(
            [Instrument("xas", "xxxxxx"), Instrument("nmr", "xxxxxxxxxxxx", "ljubljana"), Instrument("neutrons", "xxxxxxxxxxxxxxxxxx", "budapest")],
            Experiment(1, 1, 2, "xas"), Experiment(2, 1, 1, "nmr"), Experiment(3, 1, 3, "neutrons")) with
        {
            Precedences = [new(Id(1), Id(2), MinGap: 8, ShipsSample: true), new(Id(2), Id(3), MinGap: 0, MaxGap: 50, ShipsSample: true)],
            DefaultShipping = 20,
            Distances = [new("trieste", "ljubljana", 4, 10)],
        };
        var plan = Planned(problem);
        Assert.Equal(3, plan.Placements.Count);
        Assert.True(plan.Of(2).Start >= plan.Of(1).End + 8 + 10);
        Assert.InRange(plan.Of(3).Start - plan.Of(2).End, 20, 50);
    }

    [Fact]
    public void Grants_fewer_shifts_only_to_a_team_that_agreed_and_no_fewer_than_are_of_use()
    {
        var problem = Problem([Instrument("xas", "xxxx"), Instrument("xrd", "xx")], Experiment(1, 1, 6, "xas") with { MinShifts = 3 }, Experiment(2, 2, 3, "xrd"));
        var plan = Planned(problem);
        Assert.Equal((2L * 60 * 4, 4), (plan.Objective, plan.Of(1).Shifts.Count));
        Assert.Equal([Id(2)], plan.Unplaced.Select(one => one.ExperimentId));
        Assert.Empty(Planned(problem with { Experiments = [problem.Experiments[0] with { MinShifts = 5 }] }).Placements);
    }

    [Fact]
    public void Has_a_sample_at_one_site_at_a_time_in_whichever_order()
    {
        var problem = Problem([Instrument("xas", "xx"), Instrument("nmr", "xx", "ljubljana")], Experiment(1, 1, 1, "xas") with { SampleId = Id(7) }, Experiment(2, 2, 1, "nmr") with { SampleId = Id(7) }) with { DefaultShipping = 9 };
        Assert.Single(Planned(problem).Placements);
        Assert.Equal(2, Planned(problem with { DefaultShipping = 0 }).Placements.Count);
        var both = new[] { new Placement(Id(1), "xas", 0, 8, [0]), new Placement(Id(2), "nmr", 8, 16, [1]) };
        Assert.Equal([ViolationCodes.SampleElsewhere], PlanChecker.CheckPlacements(problem, both).Select(violation => violation.Code));
    }

    [Fact]
    public void Begins_when_the_team_would_rather_come_if_that_costs_nobody_else_more_and_leaves_nobody_out_for_it()
    {
        var problem = Problem([Instrument("xas", "xxxxxx")], Experiment(1, 1, 1, "xas") with { Preferred = [new(30, 33)] }, Experiment(2, 2, 1, "xas") with { Preferred = [new(32, 40)] });
        var plan = Planned(problem);
        Assert.Equal((2, 119), (plan.Placements.Count, problem.UnwelcomeStart));
        Assert.Single(plan.Placements, one => one.Start == 32);
        Assert.Equal(240 - 119, plan.Objective);
        Assert.Equal(2 * 1200 - 500, Planned(problem with { Experiments = [.. problem.Experiments.Select(one => one with { Score = 600 })] }).Objective);
    }

    [Fact]
    public void Leaves_time_to_prepare_and_clean_the_instrument_between_experiments()
    {
        var problem = Problem([Instrument("xas", "xxx")], Experiment(1, 1, 1, "xas") with { Cleaning = 3, Preparation = 2 }, Experiment(2, 2, 1, "xas") with { Preparation = 4, Cleaning = 6 });
        var starts = Planned(problem).Placements.Select(one => one.Start).Order().ToList();
        Assert.Equal([0, 16], starts);
        Assert.Equal([ViolationCodes.SetUpTime], PlanChecker.CheckPlacements(problem, [new(Id(1), "xas", 0, 8, [0]), new(Id(2), "xas", 8, 16, [1])]).Select(violation => violation.Code));
    }

    [Fact]
    public void Weighs_wishes_against_changes_of_mode_as_it_is_told_to()
    {
        var instrument = Instrument("xas", "xxx") with { ModeChanges = [new("in-situ", "operando", 0, 300), new("operando", "in-situ", 0, 300)] };
        var problem = Problem([instrument], [.. Enumerable.Range(1, 3).Select(n => Experiment(n, n, 1, "xas") with { Score = 2000, Mode = n == 2 ? "in-situ" : "operando", Preferred = n == 2 ? [new(8, 9)] : [] })]);
        Told(problem, 12_000 - 600, inTheMiddle: true);
        Told(problem with { Weights = new() { Preference = 0 } }, 12_000 - 300, inTheMiddle: false);
        Told(problem with { Weights = new() { Preference = 301 } }, 12_000 - 600, inTheMiddle: true);
        Told(problem with { Weights = new() { SetUp = 3 } }, 12_000 - 900 - 500, inTheMiddle: false);
        Assert.Equal([new("weight-out-of-range", "setUp")], (problem with { Weights = new() { SetUp = -1 } }).Validate());

        static void Told(PlanningProblem weighed, long objective, bool inTheMiddle)
        {
            var plan = Planned(weighed);
            Assert.Equal((3, objective, objective, inTheMiddle), (plan.Placements.Count, plan.Objective, plan.Layers.Sum(layer => layer.Value), plan.Of(2).Start == 8));
            Assert.Equal([-(weighed.Weights.Preference ?? weighed.UnwelcomeStart), -weighed.Weights.SetUp], plan.Layers.Where(layer => layer.Layer is "preference" or "setUp").Select(layer => layer.Weight));
        }
    }

    [Fact]
    public void Changes_the_mode_of_an_instrument_as_seldom_as_it_can_and_leaves_time_for_it()
    {
        var instrument = Instrument("xas", "xxxxxx") with { ModeChanges = [new("in-situ", "operando", 4, 30), new("operando", "in-situ", 4, 30)] };
        PlanningExperiment[] experiments = [.. Enumerable.Range(1, 4).Select(n => Experiment(n, n, 1, "xas") with { Mode = n % 2 == 0 ? "in-situ" : "operando" })];
        var plan = Planned(Problem([instrument], experiments));
        Assert.Equal((4, 4 * 120L - 30), (plan.Placements.Count, plan.Objective));
        Assert.Equal(("setUp", 30L, -1L, -30L), plan.Layers.Single(layer => layer.Layer == "setUp") is var layer ? (layer.Layer, layer.Amount, layer.Weight, layer.Value) : default);
        Assert.Equal([ViolationCodes.SetUpTime], PlanChecker.CheckPlacements(Problem([instrument], experiments[..2]), [new(Id(1), "xas", 0, 8, [0]), new(Id(2), "xas", 8, 16, [1])]).Select(violation => violation.Code));
        Assert.Empty(PlanChecker.CheckPlacements(Problem([instrument], [experiments[0], experiments[2]]), [new(Id(1), "xas", 0, 8, [0]), new(Id(3), "xas", 8, 16, [1])]));
    }

    [Fact]
    public void Gives_a_partner_its_minimum_in_place_of_higher_ranked_ones_and_never_more_than_its_most()
    {
        var problem = Problem([Instrument("xas", "xxxx")], Experiment(1, 1, 2, "xas") with { Part = "SI", Score = 90 }, Experiment(2, 2, 2, "xas") with { Part = "SI", Score = 80 },
            Experiment(3, 3, 2, "xas") with { Part = "IT", Score = 50 }) with { Parts = [new("SI", 0, null), new("IT", 2, null)] };
        var plan = Planned(problem);
        Assert.Equal([Id(1), Id(3)], plan.Placements.Select(one => one.ExperimentId).Order());
        Assert.Equal((0L, 2L * 2 * 140), (plan.Layers.Single(layer => layer.Layer == "guarantee").Amount, plan.Objective));
        var without = Planned(problem with { Parts = [new("SI", 0, null), new("IT", 0, null)] });
        Assert.Equal([Id(1), Id(2)], without.Placements.Select(one => one.ExperimentId).Order());
        var more = Planned(problem with { Parts = [new("SI", 0, 3), new("IT", 4, null)] });
        Assert.Equal([Id(1), Id(3)], more.Placements.Select(one => one.ExperimentId).Order());
        Assert.Equal((2L, -4000L, -8000L), more.Layers.Single(layer => layer.Layer == "guarantee") is var layer ? (layer.Amount, layer.Weight, layer.Value) : default);
        Assert.Equal([UnplacedReasons.CountryMaximum], Planned(problem with { Instruments = [Instrument("xas", "xxxxxx")], Parts = [new("SI", 0, 3), new("IT", 0, null)] }).WhyNot(2));
        Assert.Equal([ViolationCodes.CountryMaximum], PlanChecker.CheckPlacements(problem with { Parts = [new("SI", 0, 3), new("IT", 0, null)] },
            [new(Id(1), "xas", 0, 16, [0, 1]), new(Id(2), "xas", 16, 32, [2, 3])]).Select(violation => violation.Code));
    }

    [Fact]
    public void Leaves_nobody_out_for_lower_ranked_ones_where_the_call_forbids_it()
    {
        var problem = Problem([Instrument("xas", "xxxx")],
            Experiment(1, 1, 3, "xas") with { Score = 70 }, Experiment(2, 2, 2, "xas") with { Score = 65 }, Experiment(3, 3, 2, "xas") with { Score = 65 });
        Assert.Equal([Id(2), Id(3)], Planned(problem).Placements.Select(one => one.ExperimentId).Order());
        Assert.Equal([Id(1)], Planned(problem with { Policy = RankPolicy.NoRankInversion }).Placements.Select(one => one.ExperimentId));
    }

    [Fact]
    public void Mixes_shifts_of_four_eight_and_twelve_hours_and_days_of_a_laboratory()
    {
        PlanningInstrument Of(string id, int length, int count, int every) => new()
        {
            Id = id, Site = id, BridgeableGap = 16, OpenShifts = [.. Enumerable.Range(0, count).Select(n => new OpenShift((n * every) + (length == 9 ? 8 : 0), (n * every) + (length == 9 ? 8 : 0) + length))],
        };
        var problem = Problem([Of("short", 4, 60, 4), Of("usual", 8, 30, 8), Of("long", 12, 20, 12), Of("laboratory", 9, 10, 24)],
            Experiment(1, 1, 5, "short") with { TeamId = Id(9) }, Experiment(2, 1, 2, "usual") with { TeamId = Id(9) }, Experiment(3, 1, 3, "long") with { TeamId = Id(9) },
            Experiment(4, 1, 2, "laboratory") with { TeamId = Id(9) }) with { DefaultTravel = 2 };
        var plan = Planned(problem);
        Assert.Equal([20, 16, 36, 33], new[] { 1, 2, 3, 4 }.Select(id => plan.Of(id).End - plan.Of(id).Start));
        Assert.Equal(2L * 60 * 12, plan.Objective);
        Assert.Empty(PlanChecker.Check(problem, plan));
    }

    [Fact]
    public void Waits_with_the_first_experiment_where_the_second_must_follow_soon()
    {
        var problem = Problem([Instrument("xas", "xxxxxxxxxx"), Instrument("nmr", "........xx", "ljubljana")], Experiment(1, 1, 1, "xas"), Experiment(2, 1, 1, "nmr")) with
        {
            Precedences = [new(Id(1), Id(2), MinGap: 0, MaxGap: 8)],
        };
        var plan = Planned(problem);
        Assert.InRange(plan.Of(2).Start - plan.Of(1).End, 0, 8);
    }

    [Fact]
    public void Gives_a_team_time_to_travel_between_sites_and_never_two_places_at_once()
    {
        var problem = Problem([Instrument("xas", "xxxx"), Instrument("nmr", "xxxxxx", "ljubljana"), Instrument("xrd", "xxxx")],
            Experiment(1, 1, 1, "xas") with { TeamId = Id(9) }, Experiment(2, 2, 1, "nmr") with { TeamId = Id(9) }, Experiment(3, 3, 1, "xrd") with { TeamId = Id(9) }) with
        { DefaultTravel = 12 };
        var visits = Planned(problem).Placements.OrderBy(placement => placement.Start).ToList();
        Assert.Equal(3, visits.Count);
        Assert.All(visits.Zip(visits.Skip(1)), pair => Assert.True(
            pair.Second.Start >= pair.First.End + (pair.First.Instrument == "nmr" || pair.Second.Instrument == "nmr" ? 12 : 0)));
    }

    [Fact]
    public void Gives_users_no_more_of_an_instrument_than_their_quota()
    {
        var plan = Planned(Problem([Instrument("xas", "xxxxxx") with { ShiftQuota = 3 }], Experiment(1, 1, 2, "xas") with { Score = 70 }, Experiment(2, 2, 2, "xas"), Experiment(3, 3, 1, "xas")));
        Assert.Equal([Id(1), Id(3)], plan.Placements.Select(one => one.ExperimentId).Order());
        Assert.Equal([UnplacedReasons.InstrumentQuota], plan.WhyNot(2));
    }

    [Fact]
    public void Serves_no_more_at_once_than_the_local_contacts_can()
    {
        var problem = Problem([Instrument("xas", "xxx") with { ContactGroup = "ring" }, Instrument("xrd", "xxx") with { ContactGroup = "ring" }, Instrument("saxs", "xxx")],
            Experiment(1, 1, 2, "xas") with { Score = 70 }, Experiment(2, 2, 2, "xrd"), Experiment(3, 3, 1, "xrd"), Experiment(4, 4, 3, "saxs")) with { Contacts = [new("ring", 0, 24, 1)] };
        var plan = Planned(problem);
        Assert.Equal([Id(1), Id(3), Id(4)], plan.Placements.Select(one => one.ExperimentId).Order());
        Assert.Equal([UnplacedReasons.NoContact], plan.WhyNot(2));
        Assert.Equal(4, Planned(problem with { Contacts = [new("ring", 0, 8, 1), new("ring", 8, 24, 2)] }).Placements.Count);
    }

    [Fact]
    public void Keeps_promised_places_before_it_gains_a_little_and_tells_its_objective_without_what_they_are_worth()
    {
        var problem = Problem([Instrument("xas", "xxxxx")], Experiment(1, 1, 2, "xas") with { Promised = new("xas", 8, 100_000) }, Experiment(2, 2, 3, "xas"), Experiment(3, 3, 2, "xas") with { Bonus = 5 });
        var plan = Planned(problem);
        Assert.Equal(8, plan.Of(1).Start);
        Assert.Equal(2 * 60 * 4, plan.Objective);
        Assert.Equal([UnplacedReasons.InstrumentFull], plan.WhyNot(2));
        Assert.Empty(PlanChecker.Check(problem, plan));
    }

    [Fact]
    public void Says_that_a_team_is_wanted_elsewhere()
    {
        var problem = Problem([Instrument("xas", "xx"), Instrument("nmr", "xx", "ljubljana")],
            Experiment(1, 1, 2, "xas") with { TeamId = Id(9), Score = 90 }, Experiment(2, 2, 1, "nmr") with { TeamId = Id(9) });
        Assert.Equal([UnplacedReasons.TeamClash], Planned(problem).WhyNot(2));
    }

    [Fact]
    public void Moves_an_experiment_to_where_its_cell_can_be_had()
    {
        var instruments = new[] { Instrument("xas", "xxxx"), Instrument("xrd", "xxxx") };
        var experiment = Experiment(1, 1, 1, "xas", "xrd");
        Assert.Equal(0, Planned(Problem(instruments, experiment)).Of(1).Start);
        var refused = experiment with { Forbidden = [new("xas", 0, 32, ForbiddenReason.CellRefused), new(null, 0, 10, ForbiddenReason.CellRefused)] };
        var plan = Planned(Problem(instruments, refused));
        Assert.Equal(("xrd", 16), (plan.Of(1).Instrument, plan.Of(1).Start));
        plan = Planned(Problem(instruments, refused with { Forbidden = [new(null, 0, 32, ForbiddenReason.CellRefused)] }));
        Assert.Equal([UnplacedReasons.CellRefused], plan.WhyNot(1));
    }

    [Fact]
    public void Runs_one_experiment_at_a_time_on_a_shared_source()
    {
        var problem = Problem([Instrument("esca", "xx", sources: "undulator"), Instrument("superesca", "xx", sources: "undulator")],
            Experiment(1, 1, 1, "esca"), Experiment(2, 2, 1, "superesca"), Experiment(3, 3, 1, "superesca") with { Score = 40 });
        var plan = Planned(problem);
        Assert.Equal(8, Math.Abs(plan.Of(1).Start - plan.Of(2).Start));
        Assert.Contains(UnplacedReasons.SourceBusy, plan.WhyNot(3));
    }

    [Fact]
    public void Spans_a_closure_that_may_be_bridged_and_no_longer_one()
    {
        var plan = Planned(Problem([Instrument("xas", "x.x", bridgeable: 8)], Experiment(1, 1, 2, "xas")));
        Assert.Equal((0, 24), (plan.Of(1).Start, plan.Of(1).End));
        Assert.Equal([0, 1], plan.Of(1).Shifts);
        plan = Planned(Problem([Instrument("xas", "x..x", bridgeable: 8)], Experiment(1, 1, 2, "xas")));
        Assert.Equal([UnplacedReasons.RunTooShort], plan.WhyNot(1));
    }

    [Fact]
    public void Counts_a_shift_of_the_night_the_clocks_change_as_one_shift()
    {
        var instrument = Instrument("xas", "") with { OpenShifts = [new(0, 7), new(7, 15), new(15, 24)] };
        var plan = Planned(Problem([instrument], Experiment(1, 1, 2, "xas"), Experiment(2, 2, 1, "xas")));
        Assert.Equal(2, plan.Placements.Count);
        Assert.Equal(24, plan.Placements.Max(placement => placement.End));
    }

    [Fact]
    public void Serves_a_proposal_wholly_or_not_at_all()
    {
        var problem = Problem([Instrument("xas", "xx"), Instrument("xrd", "")], Experiment(1, 1, 1, "xas"), Experiment(2, 1, 1, "xrd"),
            Experiment(3, 2, 1, "xas"), Experiment(4, 2, 1, "xrd") with { Required = false });
        var plan = Planned(problem);
        Assert.Equal([Id(3)], plan.Placements.Select(placement => placement.ExperimentId));
        Assert.Equal([UnplacedReasons.ProposalIncomplete], plan.WhyNot(1));
        Assert.Equal([UnplacedReasons.NoOpenShifts], plan.WhyNot(2));
        Assert.Equal([UnplacedReasons.NoOpenShifts], plan.WhyNot(4));
    }

    [Fact]
    public void Lets_a_begun_proposal_end_incomplete()
    {
        var problem = Problem([Instrument("xas", "xx"), Instrument("xrd", "")], Experiment(1, 1, 1, "xas"), Experiment(2, 1, 1, "xrd")) with
        {
            Pins = [new(Id(1), "xas", 8, 16)],
        };
        var plan = Planned(problem);
        Assert.Equal((8, 120L), (plan.Of(1).Start, plan.Objective));
        Assert.Equal([UnplacedReasons.NoOpenShifts], plan.WhyNot(2));
    }

    [Fact]
    public void Says_which_rule_keeps_an_experiment_out()
    {
        var morning = Instrument("morning", "") with { OpenShifts = [new(0, 8, MayStart: false)] };
        var problem = Problem([Instrument("xas", "xxxx"), Instrument("xrd", "xxx"), morning],
            Experiment(1, 1, 2, "xas") with { Release = 4, Due = 20 },
            Experiment(2, 2, 1, "morning"),
            Experiment(3, 3, 1, "xas") with { Forbidden = [new(null, 0, 100, ForbiddenReason.TeamAway)] },
            Experiment(4, 4, 2, "xas") with { Due = 16 }, Experiment(5, 4, 2, "xrd") with { Due = 20 },
            Experiment(6, 5, 1, "xas") with { Forbidden = [new("xas", 0, 100, ForbiddenReason.StaffAway)] }) with
        {
            Precedences = [new(Id(4), Id(5), 0)],
        };
        var plan = Planned(problem);
        Assert.Equal([UnplacedReasons.WindowTooSmall], plan.WhyNot(1));
        Assert.Equal([UnplacedReasons.StartNotAllowed], plan.WhyNot(2));
        Assert.Equal([UnplacedReasons.TeamAway], plan.WhyNot(3));
        Assert.Equal([UnplacedReasons.Order], plan.WhyNot(4));
        Assert.Equal([UnplacedReasons.Order], plan.WhyNot(5));
        Assert.Equal([UnplacedReasons.StaffAway], plan.WhyNot(6));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Is_the_best_so_far_when_the_search_is_stopped_at_an_improvement(int improvement)
    {
        using var stop = new CancellationTokenSource();
        var problem = Crowded(80);
        var steps = new List<PlanProgress>();
        var result = AskPlanner.Plan(problem, new PlannerOptions { Workers = 1 }, step =>
        {
            steps.Add(step);
            if (steps.Count == improvement) stop.Cancel();
        }, stop.Token);
        Assert.NotNull(result.Plan);
        Assert.Empty(PlanChecker.Check(problem, result.Plan));
        Assert.True(result.Plan.Objective >= steps[^1].Objective);
        Assert.InRange(steps.Count, improvement, improvement + 1); // the solver may have found one more before it heard of it
    }

    [Fact]
    public void Is_the_best_so_far_when_the_search_is_stopped_between_improvements()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var problem = Crowded(400);
        var result = AskPlanner.Plan(problem, new PlannerOptions { Workers = 1, TimeLimit = TimeSpan.FromDays(1) }, stop: stop.Token);
        Assert.NotNull(result.Plan);
        Assert.Empty(PlanChecker.Check(problem, result.Plan));
        Assert.NotEmpty(result.Plan.Placements);
    }

    [Fact]
    public void Is_the_same_when_a_limit_of_work_ends_the_search()
    {
        var problem = Crowded(120);
        var options = new PlannerOptions { Workers = 1, WorkLimit = 2 };
        var steps = new List<PlanProgress>();
        var (one, other) = (AskPlanner.Plan(problem, options, steps.Add, TestContext.Current.CancellationToken).Plan,
            AskPlanner.Plan(problem, options, stop: TestContext.Current.CancellationToken).Plan);
        Assert.NotNull(one);
        Assert.NotNull(other);
        Assert.Equal(one.Placements.Select(Text), other.Placements.Select(Text));
        Assert.All(steps.Zip(steps.Skip(1)), pair => Assert.True(pair.First.Objective < pair.Second.Objective || pair.First.Bound > pair.Second.Bound));
    }

    [Fact]
    public void Is_given_up_with_the_exception_of_who_listens_to_its_progress()
    {
        var heard = 0;
        var failure = Assert.Throws<InvalidOperationException>(() => AskPlanner.Plan(
            Problem([Instrument("xas", "xxxx")], Experiment(1, 1, 3, "xas") with { Score = 70, Release = 4 }, Experiment(2, 2, 2, "xas") with { Score = 65 }, Experiment(3, 3, 2, "xas") with { Score = 65 }),
            new PlannerOptions { Workers = 1 },
            _ => { if (++heard == 2) throw new TimeoutException("the listener is gone"); },
            TestContext.Current.CancellationToken));
        Assert.IsType<TimeoutException>(failure.InnerException);
    }

    /// <summary>More is asked than there is, on three instruments.</summary>
    private static PlanningProblem Crowded(int count)
    {
        var open = string.Concat(Enumerable.Repeat("xxxxxxxxxxxxxxxxx....", 4));
        var random = new Random(5);
        return Problem([Instrument("a", open), Instrument("b", open, "ljubljana"), Instrument("c", open, "budapest")],
            [.. Enumerable.Range(0, count).Select(e => Experiment(e, e / 2, random.Next(2, 8), random.Next(3) == 0 ? ["a", "b"] : [$"{(char)('a' + random.Next(3))}"]) with
            {
                TeamId = Id(5000 + e / 4),
                Score = 40 + e / 2 * 37 % 60,
            })]) with { DefaultTravel = 24 };
    }
}
