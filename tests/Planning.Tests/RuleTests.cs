using Google.OrTools.Sat;
using Tutti.Scheduling.Planning;

namespace Tutti.Planning.Tests;

/// <summary>Each rule of richer instances by an instance in which the only plan of a certain worth breaks it, and nothing else.</summary>
public sealed class A_rule_of_a_richer_instance
{
    private static readonly InstanceExperiment six = new()
    {
        Id = 0, Proposal = 0, Shifts = 6, MinBlock = 6, MaxBlocks = 1, Instruments = [0], Release = 0, Due = 12, NeedsTeam = false, GloveBox = false, Required = true,
    };

    /// <summary>Two experiments that fill an instrument together.</summary>
    private static readonly PlanningInstance two = new()
    {
        Horizon = 12, Week = 12, Travel = [[0, 0], [0, 0]], Shipping = [[0, 1], [1, 0]], Sites = [new(0, 100, 1), new(1, 100, 1)], Countries = [new(0, 0, 100)], CellTypes = [],
        ContactGroups = [new(0, [[0, 12, 2]])], Teams = [new(0, 0, [])], Precedences = [], Pinned = [],
        Instruments = [new() { Id = 0, Site = 0, ContactGroup = 0, Open = [[0, 12]], BridgeableGap = 0, Technique = "A" }, new() { Id = 1, Site = 1, ContactGroup = 0, Open = [[0, 12]], BridgeableGap = 0, Technique = "B" }],
        Proposals = [new(0, 0, 0, 50, [0]), new(1, 0, 0, 50, [1])], Experiments = [six, six with { Id = 1, Proposal = 1 }],
    };

    private static readonly InstancePlacement early = new(0, 0, [[0, 6]]), late = new(1, 0, [[6, 12]]), elsewhere = new(1, 1, [[6, 12]]);

    private static PlanningInstance Both(Func<InstanceExperiment, InstanceExperiment> change) => two with { Experiments = [.. two.Experiments.Select(change)] };

    private static PlanningInstance Apart => two with { Experiments = [six, six with { Id = 1, Proposal = 1, Instruments = [1] }] };

    /// <summary>The instance without the rule, with it, the code of the checker, and the placements.</summary>
    public static TheoryData<string, PlanningInstance, PlanningInstance, string, InstancePlacement[]> Rule => new()
    {
        { "preparation", two, Both(one => one with { Preparation = 1 }), "set_up", [early, late] },
        { "cleaning", two, Both(one => one with { Cleaning = 1 }), "set_up", [early, late] },
        {
            "mode", two, Both(one => one with { Mode = one.Id }) with { Instruments = [two.Instruments[0] with { SetUpTimes = [[0, 1], [1, 0]] }, two.Instruments[1]] }, "set_up", [early, late]
        },
        { "sample", Apart, Apart with { Experiments = [.. Apart.Experiments.Select(one => one with { Sample = 3 })] }, "sample_at_two_places", [early, elsewhere] },
        { "week-shifts", two, two with { ContactGroups = [two.ContactGroups[0] with { WeeklyShifts = 11 }] }, "week_shifts", [early, late] },
        { "week-starts", two, two with { ContactGroups = [two.ContactGroups[0] with { WeeklyStarts = 1 }] }, "week_starts", [early, late] },
        {
            "proposals together", two with { Experiments = [six, six with { Id = 1, Proposal = 1, Due = 3 }] },
            two with { Experiments = [six, six with { Id = 1, Proposal = 1, Due = 3 }], Together = [[0, 1]] }, "group_incomplete", [early]
        },
        {
            "optional ones together",
            two with { Proposals = [new(0, 0, 0, 50, [0, 1])], Experiments = [six with { Required = false }, six with { Id = 1, Required = false, Due = 3 }] },
            two with { Proposals = [new(0, 0, 0, 50, [0, 1])], Experiments = [six with { Required = false }, six with { Id = 1, Required = false, Due = 3 }], Together = [[0, 1]] },
            "group_incomplete", [early]
        },
        {
            "optional ones together of a proposal that has started",
            two with { Started = [0], Proposals = [new(0, 0, 0, 50, [0, 1])], Experiments = [six with { Required = false }, six with { Id = 1, Required = false, Due = 3 }] },
            two with { Started = [0], Proposals = [new(0, 0, 0, 50, [0, 1])], Experiments = [six with { Required = false }, six with { Id = 1, Required = false, Due = 3 }], Together = [[0, 1]] },
            "group_incomplete", [early]
        },
        {
            "optional one with a required one",
            two with { Proposals = [new(0, 0, 0, 50, [0, 1])], Experiments = [six, six with { Id = 1, Proposal = 0, Required = false, Due = 3 }] },
            two with { Proposals = [new(0, 0, 0, 50, [0, 1])], Experiments = [six, six with { Id = 1, Proposal = 0, Required = false, Due = 3 }], Together = [[0, 1]] },
            "group_incomplete", [early]
        },
        {
            "consent", Both(one => one with { Shifts = 8, MinShifts = 6, ConsentsToFewer = true }), Both(one => one with { Shifts = 8, MinShifts = 6 }), "wrong_shifts", [early, late]
        },
        {
            "fewest shifts", Both(one => one with { Shifts = 8, MinShifts = 6, ConsentsToFewer = true }), Both(one => one with { Shifts = 8, MinShifts = 7, ConsentsToFewer = true }), "wrong_shifts", [early, late]
        },
        {
            "technique", Both(one => one with { Instruments = [] , Technique = "A" }), Both(one => one with { Instruments = [], Technique = "B" }), "not_eligible", [early, late]
        },
    };

    [Theory]
    [MemberData(nameof(Rule), DisableDiscoveryEnumeration = true)]
    public void Is_found_broken_by_the_checker(string name, PlanningInstance without, PlanningInstance with, string code, InstancePlacement[] plan)
    {
        Assert.NotEmpty(name);
        Assert.Empty(Tiny.Check(without).Judge(Tiny.Document(plan)).Broken);
        Assert.Contains(Tiny.Check(with).Judge(Tiny.Document(plan)).Broken, rule => rule.Code == code);
    }

    [Theory]
    [MemberData(nameof(Rule), DisableDiscoveryEnumeration = true)]
    public void Is_kept_by_drafts(string name, PlanningInstance without, PlanningInstance with, string code, InstancePlacement[] plan)
    {
        Assert.NotEmpty(name + code);
        Assert.Equal(plan.Length, Placed(without));
        Assert.True(Placed(with) < plan.Length || name == "technique");

        // Greedy, then ruin and recreate, and never more: this is what drafts take.
        int Placed(PlanningInstance instance)
        {
            var space = new Space(instance);
            var draft = Greedy.Fill(space, null, 1, TestContext.Current.CancellationToken);
            var search = new RuinAndRecreate(space, draft, 1);
            for (var n = 0; n < 300; n++)
            {
                search.Step();
                Assert.DoesNotContain(Tiny.Check(instance).Judge(Tiny.Document(search.Best.SelectMany((place, e) => place is null ? (IEnumerable<InstancePlacement>)[] : [space.Placement(e, place)]))).Broken, _ => true);
            }
            return search.Best.Count(place => place is not null);
        }
    }

    [Theory]
    [MemberData(nameof(Rule), DisableDiscoveryEnumeration = true)]
    public void Is_kept_by_the_exact_model(string name, PlanningInstance without, PlanningInstance with, string code, InstancePlacement[] plan)
    {
        Assert.NotEmpty(code);
        var worth = Tiny.Check(without).Judge(Tiny.Document(plan)).Objective;
        Assert.Equal(CpSolverStatus.Optimal, Solved(without, worth).Status);
        var (status, places) = Solved(with, worth);
        if (name == "technique") Assert.All(places ?? [], place => Assert.Equal(1, place?.Instrument));
        else Assert.Equal(CpSolverStatus.Infeasible, status);

        static (CpSolverStatus Status, Place?[]? Places) Solved(PlanningInstance instance, long worth)
        {
            var space = new Space(instance);
            var model = new ExactModel(space, new Draft(space), [.. Enumerable.Range(0, space.Proposals.Length)]);
            model.AtLeast(worth);
            var answer = ExactSolver.Solve(model, new(60, 60, 1), TestContext.Current.CancellationToken);
            return (answer.Status, answer.Plan);
        }
    }

    [Fact]
    public void Lets_what_is_pinned_stay_in_a_week_in_which_it_is_more_than_its_contacts_can_do_and_nothing_else()
    {
        var one = six with { Id = 2, Proposal = 2, Shifts = 1, MinBlock = 1, Instruments = [1] };
        var full = two with
        {
            Horizon = 24, Experiments = [.. two.Experiments, one], Proposals = [.. two.Proposals, new(2, 0, 0, 50, [2])], Pinned = [early, late],
            ContactGroups = [new(0, [[0, 24, 2]]) { WeeklyShifts = 11, WeeklyStarts = 1 }], Instruments = [two.Instruments[0], two.Instruments[1] with { Open = [[0, 24]] }],
        };
        var plan = Planner.Plan(full, new() { TimeLimit = TimeSpan.FromSeconds(30) }, stop: TestContext.Current.CancellationToken);
        Assert.Equal((PlanStatus.Optimal, 2), (plan.Status, plan.Placements.Count));
        Assert.Equal([UnplacedReasons.WindowTooSmall, UnplacedReasons.WeekFull], Assert.Single(plan.Unplaced).Reasons);
        Assert.Empty(Tiny.Check(full).Judge(Tiny.Document([early, late])).Broken);
        Assert.Equal("week_shifts week_starts", string.Join(' ', Tiny.Check(full).Judge(Tiny.Document([early, late, new(2, 1, [[3, 4]])])).Broken.Select(rule => rule.Code).Order(StringComparer.Ordinal)));
        var later = full with { Experiments = [.. two.Experiments, one with { Due = 24 }] };
        Assert.Equal(12, Planner.Plan(later, new() { TimeLimit = TimeSpan.FromSeconds(30) }, stop: TestContext.Current.CancellationToken).Placements.Single(placement => placement.Experiment == 2).Blocks[0][0]);
    }

    [Fact]
    public void Is_kept_around_what_stands()
    {
        // A part of the problem is solved around a draft: the rules hold between what is free and what is not.
        foreach (var (name, without, with, _, plan) in Rule.Select(row => row.Data).Where(data => data.Item5.Length == 2 && data.Item1 is not ("technique" or "consent" or "fewest shifts")))
            foreach (var (instance, fits) in new[] { (without, true), (with, false) })
            {
                var space = new Space(instance);
                var around = new Draft(space);
                around.Take(0, space.PlaceOf(0, plan[0]) ?? throw new InvalidOperationException("No place."));
                var model = new ExactModel(space, around, [1]);
                model.AtLeast(1200);
                Assert.True(fits == (ExactSolver.Solve(model, new(60, 60, 1), TestContext.Current.CancellationToken).Status == CpSolverStatus.Optimal), name);
                var dice = new Dice(1);
                Assert.True(fits == around.Insert(1, Seek.Anywhere, ref dice), name);
            }
    }
}

public sealed class The_rank_of_a_proposal
{
    /// <summary>One of score 80 that needs two thirds of an instrument, and two of score 60 that fill it.</summary>
    private static readonly PlanningInstance instance = new()
    {
        Horizon = 12, Travel = [[0]], Shipping = [[0]], Sites = [new(0, 100, 1)], Countries = [new(0, 0, 100)], CellTypes = [], ContactGroups = [new(0, [[0, 12, 2]])], Teams = [new(0, 0, [])],
        Instruments = [new() { Id = 0, Site = 0, ContactGroup = 0, Open = [[0, 12]], BridgeableGap = 0 }], Precedences = [], Pinned = [],
        Proposals = [new(0, 0, 0, 80, [0]), new(1, 0, 0, 60, [1]), new(2, 0, 0, 60, [2])], Experiments = [Of(0, 8), Of(1, 6), Of(2, 6)],
    };

    private static InstanceExperiment Of(int id, int shifts) => new()
    {
        Id = id, Proposal = id, Shifts = shifts, MinBlock = shifts, MaxBlocks = 1, Instruments = [0], Release = 0, Due = 12, NeedsTeam = false, GloveBox = false, Required = true,
    };

    private static ShiftPlan Planned(PlanningInstance one, int workers = 2)
    {
        var plan = Planner.Plan(one, new() { TimeLimit = TimeSpan.FromSeconds(workers == 1 ? 60 : 3), Workers = workers, WorkLimit = 0.5 }, stop: TestContext.Current.CancellationToken);
        Assert.Empty(Tiny.Judged(one, plan).Broken);
        return plan;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Counts_less_than_the_sum_unless_the_call_says_otherwise(int workers)
    {
        Assert.Equal([1, 2], Planned(instance, workers).Placements.Select(one => one.Experiment).Order());
        var fair = Planned(instance with { Policy = RankPolicy.NoRankInversion }, workers);
        Assert.Equal([0], fair.Placements.Select(one => one.Experiment));
        Assert.True(fair.Bound >= 1440);
    }

    [Fact]
    public void Of_one_that_was_left_out_for_lower_ones_is_seen_by_the_checker()
    {
        var plan = Planned(instance);
        Assert.Equal("rank_inverted", Assert.Single(Tiny.Judged(instance with { Policy = RankPolicy.NoRankInversion }, plan).Broken).Code);
    }

    [Theory]
    [InlineData("S-tight-3", 400)]
    public void Is_looked_after_by_the_checker_with_one_sum_of_trials_for_all_who_were_left_out(string name, int trials)
    {
        var instance = PlanningInstance.Read(SharedInstances.Instance(name)) with { Policy = RankPolicy.NoRankInversion };
        var (check, nobody) = (Tiny.Check(instance), Tiny.Document([]));
        var (some, made) = check.Judge(nobody, trials, TestContext.Current.CancellationToken);
        Assert.Equal(trials, made);
        Assert.All(some.Broken, rule => Assert.Equal("rank_inverted", rule.Code));
        Assert.NotEmpty(some.Broken);
        Assert.InRange(some.RankOpen, 1, instance.Proposals.Count - some.Broken.Count);
        var (none, no) = check.Judge(nobody, 0, TestContext.Current.CancellationToken);
        Assert.Equal((0, true, instance.Proposals.Count), (no, none.IsLegal, none.RankOpen));
        var (stopped, before) = check.Judge(nobody, trials, new CancellationToken(canceled: true));
        Assert.Equal((0, true, instance.Proposals.Count), (before, stopped.IsLegal, stopped.RankOpen));
    }

    [Theory]
    [InlineData("S-tight-3")]
    public void Is_enforced_with_no_more_of_the_exact_solver_than_is_allowed(string name)
    {
        var instance = PlanningInstance.Read(SharedInstances.Instance(name)) with { Policy = RankPolicy.NoRankInversion };
        var space = new Space(instance);
        var plan = Greedy.Fill(space, null, 1, TestContext.Current.CancellationToken).Copy();
        var ranks = new RankOrder(space);
        var quick = ranks.Enforce(plan, 0, 600, TestContext.Current.CancellationToken);
        var stopped = ranks.Enforce(plan, 50, 600, new CancellationToken(canceled: true));
        var late = ranks.Enforce(plan, 50, 0, TestContext.Current.CancellationToken);
        Assert.All([quick, stopped, late], one => Assert.Equal((0, 0.0), (one.Models, one.Work)));
        Assert.NotEmpty(quick.Open);
        var some = ranks.Enforce(plan, 0.1, 600, TestContext.Current.CancellationToken);
        // The last question may overdraw by what it costs to ask it.
        Assert.InRange(some.Models, 1, (int)(0.1 / RankOrder.LeastWork));
        Assert.True(some.Open.Count < quick.Open.Count);
        Assert.All(some.Open, p => Assert.Contains(space.Proposals[p].Required, e => some.Plan[e] is null));
        var again = ranks.Enforce(plan, 0.1, 600, TestContext.Current.CancellationToken);
        Assert.Equal((some.Models, some.Work), (again.Models, again.Work));
        Assert.Equal(some.Open, again.Open);
    }

    [Theory]
    [InlineData("S-tight-3", 1)]
    [InlineData("M-open-1", 2)]
    public void Is_kept_in_a_short_time_for_all_but_those_whom_the_plan_names(string name, int workers)
    {
        var instance = PlanningInstance.Read(SharedInstances.Instance(name)) with { Policy = RankPolicy.NoRankInversion };
        var plan = Planner.Plan(instance, new() { TimeLimit = TimeSpan.FromSeconds(2), Workers = workers }, stop: TestContext.Current.CancellationToken);
        var open = instance.Proposals.Where(one => plan.RankOpen?.Contains(one.Id) == true).SelectMany(one => one.Experiments).ToHashSet();
        Assert.NotEmpty(plan.Placements);
        Assert.All(Tiny.Judged(instance, plan).Broken, rule => Assert.True(rule.Code == "rank_inverted" && rule.Experiments.All(open.Contains), rule.ToString()));
        Assert.True(plan.Bound >= plan.Objective && (open.Count == 0 || plan.Status == PlanStatus.Feasible));
    }

    [Fact]
    public void Keeps_a_plan_from_being_optimal_as_long_as_it_is_not_decided()
    {
        // Two blocks of three shifts on what a lower ranked one leaves: insertion alone is not allowed to say no.
        var instance = The_rank_of_a_proposal.instance with
        {
            Policy = RankPolicy.NoRankInversion, Proposals = [new(0, 0, 0, 80, [0]), new(1, 0, 0, 90, [1])],
            Experiments = [Of(0, 8) with { MinBlock = 4, MaxBlocks = 2 }, Of(1, 6)],
        };
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var hasty = Planner.Plan(instance, new() { Workers = 1, WorkLimit = 1 }, stop: stop.Token);
        Assert.Equal((PlanStatus.Feasible, 0), (hasty.Status, Assert.Single(hasty.RankOpen ?? [])));
        var whole = Planner.Plan(instance, new() { Workers = 1, WorkLimit = 1 }, stop: TestContext.Current.CancellationToken);
        Assert.Null(whole.RankOpen);
    }

    [Fact]
    public void Is_the_order_of_the_reserve_list_which_says_for_whom_each_waits()
    {
        var waiting = instance with { Proposals = [.. instance.Proposals, new(3, 0, 0, 40, [3]), new(4, 0, 0, 50, [4])], Experiments = [.. instance.Experiments, Of(3, 5), Of(4, 6)] };
        var plan = Planned(waiting);
        Assert.Equal([(1, 4), (2, 3)], plan.Reserve.Select(one => (one.Rank, one.Proposal)));
        Assert.All(plan.Reserve, one => Assert.Equal([1, 2], one.InsteadOf.Select(gone => Assert.Single(gone)).Order()));
        var wrong = plan with { Reserve = [plan.Reserve[0] with { Placements = [new(4, 0, [[3, 9]])] }] };
        Assert.Equal("reserve_does_not_fit", Assert.Single(Tiny.Judged(waiting, wrong).Broken).Code);
    }
}

public sealed class A_smaller_grant
{
    [Fact]
    public void Is_told_and_counts_by_what_is_given()
    {
        var one = new InstanceExperiment
        {
            Id = 0, Proposal = 0, Shifts = 9, MinBlock = 9, MaxBlocks = 1, Instruments = [0], Release = 0, Due = 12, NeedsTeam = false, GloveBox = false, Required = true, MinShifts = 4, ConsentsToFewer = true,
        };
        var instance = new PlanningInstance
        {
            Horizon = 12, Travel = [[0]], Shipping = [[0]], Sites = [new(0, 12, 1)], Countries = [new(0, 0, 100)], CellTypes = [], ContactGroups = [new(0, [[0, 12, 2]])], Teams = [new(0, 0, [])],
            Instruments = [new() { Id = 0, Site = 0, ContactGroup = 0, Open = [[0, 7]], BridgeableGap = 0 }], Precedences = [], Pinned = [], Proposals = [new(0, 0, 0, 50, [0])], Experiments = [one],
        };
        var plan = Planner.Plan(instance, new() { TimeLimit = TimeSpan.FromSeconds(60) }, stop: TestContext.Current.CancellationToken);
        Assert.Equal(new SmallerGrant(0, 9, 7), Assert.Single(plan.Granted));
        Assert.Equal((700, PlanStatus.Optimal), (plan.Objective, plan.Status));
        Assert.Equal(700, Tiny.Judged(instance, plan).Objective);
        Assert.Empty(Planner.Plan(instance with { Experiments = [one with { ConsentsToFewer = false }] }, new() { TimeLimit = TimeSpan.FromSeconds(60) }, stop: TestContext.Current.CancellationToken).Placements);
    }
}
