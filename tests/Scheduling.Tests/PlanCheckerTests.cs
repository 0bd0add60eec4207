using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Planning;
using static Tutti.Scheduling.Tests.Problems;

namespace Tutti.Scheduling.Tests;

[Trait("engine", "any")]
public sealed class The_checker
{
    private static readonly PlanningProblem Base = Problem(
        [Instrument("xas", "xxxx.x..x", bridgeable: 8), Instrument("xrd", "xxxxxxxxx", sources: "ring"), Instrument("saxs", "xxxxxxxxx", sources: "ring"), Instrument("nmr", "xxxxxxxxx", "ljubljana")],
        Experiment(1, 1, 2, "xas"), Experiment(2, 1, 1, "xrd", "nmr"), Experiment(3, 2, 2, "saxs", "xas"), Experiment(4, 3, 1, "nmr", "saxs") with { Required = false }) with
    { DefaultTravel = 8 };

    private static Placement At(int experiment, string instrument, params int[] shifts)
    {
        var open = Base.Instruments.First(one => one.Id == instrument).OpenShifts;
        return new(Id(experiment), instrument, open[shifts[0]].Start, open[shifts[^1]].End, shifts);
    }

    private static readonly Placement[] Legal = [At(1, "xas", 0, 1), At(2, "xrd", 2), At(3, "saxs", 3, 4), At(4, "nmr", 8)];

    private static PlanningProblem With(int experiment, Func<PlanningExperiment, PlanningExperiment> change) =>
        Base with { Experiments = [.. Base.Experiments.Select(one => one.Id == Id(experiment) ? change(one) : one)] };

    private static IEnumerable<string> Codes(PlanningProblem problem, params Placement[] placements) =>
        PlanChecker.CheckPlacements(problem, placements).Select(violation => violation.Code).Distinct();

    private static Placement[] Instead(Placement other) => [.. Legal.Where(placement => placement.ExperimentId != other.ExperimentId), other];

    [Fact]
    public void Accepts_a_legal_plan() => Assert.Empty(PlanChecker.CheckPlacements(Base, Legal));

    [Fact]
    public void Finds_an_unknown_experiment() =>
        Assert.Equal([ViolationCodes.UnknownExperiment], Codes(Base, [.. Legal, Legal[3] with { ExperimentId = Id(77) }]));

    [Fact]
    public void Finds_an_experiment_placed_twice() =>
        Assert.Equal([ViolationCodes.PlacedTwice], Codes(Base, [.. Legal, At(4, "nmr", 0)]));

    [Fact]
    public void Finds_an_instrument_that_is_not_eligible()
    {
        Assert.Equal([ViolationCodes.InstrumentNotEligible], Codes(Base, Instead(At(4, "xrd", 8))));
        Assert.Equal([ViolationCodes.InstrumentNotEligible], Codes(Base, Instead(Legal[3] with { Instrument = "unheard of" })));
    }

    [Fact]
    public void Finds_shifts_that_do_not_exist()
    {
        Assert.Equal([ViolationCodes.ShiftsNotOpen], Codes(Base, Instead(Legal[3] with { Shifts = [9] })));
        Assert.Equal([ViolationCodes.ShiftsNotOpen], Codes(Base, Instead(Legal[3] with { Shifts = [] })));
    }

    [Fact]
    public void Finds_shifts_that_do_not_follow_each_other() =>
        Assert.Equal([ViolationCodes.ShiftsNotConsecutive], Codes(Base, Instead(At(3, "saxs", 3, 5))));

    [Fact]
    public void Finds_a_closure_that_may_not_be_bridged_and_lets_a_shorter_one_pass()
    {
        Assert.Empty(Codes(Base, Instead(At(3, "xas", 3, 4))));
        Assert.Equal([ViolationCodes.GapNotBridgeable], Codes(Base, Instead(At(3, "xas", 4, 5))));
    }

    [Fact]
    public void Finds_a_block_that_is_not_that_of_its_shifts() =>
        Assert.Equal([ViolationCodes.BlockDiffers], Codes(Base, Instead(Legal[3] with { End = Legal[3].End + 1 })));

    [Fact]
    public void Finds_a_wrong_number_of_shifts() =>
        Assert.Equal([ViolationCodes.WrongShiftCount], Codes(Base, Instead(At(4, "nmr", 7, 8))));

    [Fact]
    public void Finds_a_start_in_a_shift_with_which_nothing_may_begin()
    {
        var closed = Base.Instruments[3] with { OpenShifts = [.. Base.Instruments[3].OpenShifts.Select(shift => shift with { MayStart = false })] };
        Assert.Equal([ViolationCodes.StartNotAllowed], Codes(Base with { Instruments = [.. Base.Instruments.Take(3), closed] }, Legal));
    }

    [Fact]
    public void Finds_what_lies_outside_its_window()
    {
        Assert.Equal([ViolationCodes.OutsideWindow], Codes(With(3, one => one with { Release = 25 }), Legal));
        Assert.Equal([ViolationCodes.OutsideWindow], Codes(With(3, one => one with { Due = 39 }), Legal));
        Assert.Empty(Codes(With(3, one => one with { Release = 24, Due = 40 }), Legal));
    }

    [Fact]
    public void Finds_a_block_at_a_forbidden_time()
    {
        Assert.Equal([ViolationCodes.ForbiddenTime], Codes(With(3, one => one with { Forbidden = [new("saxs", 39, 50, ForbiddenReason.CellRefused)] }), Legal));
        Assert.Equal([ViolationCodes.ForbiddenTime], Codes(With(3, one => one with { Forbidden = [new(null, 0, 25, ForbiddenReason.TeamAway)] }), Legal));
        Assert.Empty(Codes(With(3, one => one with { Forbidden = [new("saxs", 40, 50, ForbiddenReason.CellRefused), new("xas", 0, 100, ForbiddenReason.CellRefused)] }), Legal));
    }

    [Fact]
    public void Finds_two_experiments_at_once_on_an_instrument() =>
        Assert.Equal([ViolationCodes.InstrumentOverlap], Codes(Base, Instead(At(4, "saxs", 4))));

    [Fact]
    public void Finds_two_experiments_at_once_on_a_shared_source() =>
        Assert.Equal([ViolationCodes.SourceOverlap], Codes(Base, Instead(At(2, "xrd", 4))));

    [Fact]
    public void Finds_a_team_in_two_experiments_at_once()
    {
        var problem = Base with { Experiments = [.. Base.Experiments.Select(one => one with { TeamId = Id(9) })] };
        Assert.Empty(Codes(problem, Legal));
        Assert.Equal([ViolationCodes.TeamOverlap], Codes(problem, Instead(At(2, "xrd", 1))));
    }

    [Fact]
    public void Finds_a_team_that_has_no_time_to_travel()
    {
        var problem = Base with { Experiments = [.. Base.Experiments.Select(one => one with { TeamId = Id(9) })] };
        Assert.Equal([ViolationCodes.TravelTime], Codes(problem, Instead(At(4, "nmr", 5))));
        Assert.Empty(Codes(problem, Instead(At(4, "nmr", 6))));
        Assert.Equal([ViolationCodes.TravelTime], Codes(problem with { Distances = [new("trieste", "ljubljana", 9, 0)] }, Instead(At(4, "nmr", 6))));
    }

    [Fact]
    public void Finds_more_of_a_stock_in_use_than_there_is_with_what_is_kept_around_blocks()
    {
        var both = With(1, one => one with { Stock = "pouch" });
        both = both with { Experiments = [.. both.Experiments.Select(one => one.Id == Id(4) ? one with { Stock = "pouch" } : one)] };
        Assert.Empty(Codes(Of(1, 0), Legal));
        // From the end of the one, 16, to the begin of the other, 64, in Trieste and in Ljubljana.
        Assert.Empty(Codes(Of(1, 24), Legal));
        Assert.Equal([ViolationCodes.StockExceeded], Codes(Of(1, 25), Legal));
        Assert.Empty(Codes(Of(2, 25), Legal));
        Assert.Equal([ViolationCodes.StockExceeded], Codes(Of(2, 25, new StockGone(40, 41, 1)), Legal));
        Assert.Empty(Codes(Of(2, 25, new StockGone(500, 600, 9)), Legal));
        Assert.Equal([ViolationCodes.StockExceeded], Codes(Of(0, 0), Legal));

        PlanningProblem Of(int count, int around, params StockGone[] gone) =>
            both with { Stocks = [new("pouch", PoolStock.CellsOut, count, gone, new Dictionary<string, int> { ["trieste"] = around, ["ljubljana"] = 24 })] };
    }

    [Fact]
    public void Finds_a_broken_order()
    {
        Assert.Empty(Codes(Base with { Precedences = [new(Id(2), Id(4), 40)] }, Legal));
        Assert.Equal([ViolationCodes.Order], Codes(Base with { Precedences = [new(Id(2), Id(4), 41)] }, Legal));
        Assert.Equal([ViolationCodes.Order], Codes(Base with { Precedences = [new(Id(4), Id(2), 0)] }, Legal));
        Assert.Equal([ViolationCodes.Order], Codes(Base with { Precedences = [new(Id(2), Id(4), 40, ShipsSample: true)], DefaultShipping = 1 }, Legal));
    }

    [Fact]
    public void Finds_a_gap_that_is_too_long() =>
        Assert.Equal([ViolationCodes.GapTooLong], Codes(Base with { Precedences = [new(Id(2), Id(4), 0, 39)] }, Legal));

    [Fact]
    public void Finds_a_proposal_without_one_of_its_required_experiments() =>
        Assert.Equal([ViolationCodes.ProposalIncomplete], Codes(Base, Legal[1..]));

    [Fact]
    public void Finds_more_shifts_at_a_site_than_users_get_there()
    {
        Assert.Empty(Codes(Base with { SiteQuotas = [new("trieste", 5), new("ljubljana", 1)] }, Legal));
        Assert.Equal([ViolationCodes.SiteQuota], Codes(Base with { SiteQuotas = [new("trieste", 4)] }, Legal));
    }

    [Fact]
    public void Finds_a_week_of_local_contacts_with_more_than_they_can_do_unless_all_of_it_is_pinned()
    {
        var served = Base with { Instruments = [.. Base.Instruments.Select(one => one with { ContactGroup = one.Id is "nmr" ? null : "ring" })] };
        Assert.Empty(Codes(served with { Weekly = [new("ring", 5, 3)] }, Legal));
        Assert.Equal([ViolationCodes.WeekFull], Codes(served with { Weekly = [new("ring", 4, null)] }, Legal));
        var few = served with { Weekly = [new("ring", null, 2)] };
        Assert.Equal([ViolationCodes.WeekFull], Codes(few, Legal));
        Pin[] pins = [.. Legal.Take(3).Select(one => new Pin(one.ExperimentId, one.Instrument, one.Start, one.End))];
        Assert.Empty(Codes(few with { Pins = pins }, Legal));
        Assert.Equal([ViolationCodes.WeekFull], Codes(few with { Pins = pins[..2] }, Legal));
    }

    [Fact]
    public void Finds_a_part_of_a_group()
    {
        var tied = Base with { Experiments = [.. Base.Experiments, Experiment(5, 3, 1, "nmr") with { Required = false }], Together = [[Id(4), Id(5)]] };
        Assert.Equal([ViolationCodes.GroupIncomplete], Codes(tied, Legal));
        Assert.Empty(Codes(tied, Legal[..3]));
        Assert.Empty(Codes(tied, [.. Legal, At(5, "nmr", 0)]));
        Assert.Empty(Codes(tied with { Pins = [new(Id(4), "nmr", 64, 72)] }, Legal));
    }

    [Fact]
    public void Counts_trips_and_busiest_weeks()
    {
        var problem = Base with { Weights = new() { Travel = 10, EvenLoad = 3 }, Experiments = [.. Base.Experiments.Select(one => one with { TeamId = one.Id == Id(4) ? null : Id(9) })] };
        // All within two days of each other at one site; the instruments, each with contacts of its own, have two, one, two and one shifts.
        Assert.Equal((1L, -10L, 6L, -18L), (Layer("travel", Legal).Amount, Layer("travel", Legal).Value, Layer("evenLoad", Legal).Amount, Layer("evenLoad", Legal).Value));
        Assert.Equal(1, Layer("travel", [At(1, "xas", 0, 1), At(2, "xrd", 8)]).Amount);
        Assert.Equal(2, Layer("travel", [At(1, "xas", 0, 1), At(2, "nmr", 8)]).Amount);

        PlanLayer Layer(string name, Placement[] placements) => PlanChecker.Layers(problem, placements).Single(layer => layer.Layer == name);
    }

    [Fact]
    public void Finds_a_pin_that_was_moved()
    {
        Assert.Equal([ViolationCodes.PinMoved], Codes(Base with { Pins = [new(Id(4), "nmr", 56, 64)] }, Legal));
        Assert.Equal([ViolationCodes.PinMoved], Codes(Base with { Pins = [new(Id(4), "nmr", 64, 72)] }, Legal[..3]));
    }

    [Fact]
    public void Finds_a_wrong_objective_a_bound_that_is_too_low_and_experiments_that_are_not_accounted_for()
    {
        var plan = Planned(Base);
        Assert.Empty(PlanChecker.Check(Base, plan));
        Assert.Equal(ViolationCodes.ObjectiveWrong, Assert.Single(PlanChecker.Check(Base, plan with { Objective = plan.Objective + 1 })).Code);
        Assert.Equal(ViolationCodes.BoundTooLow, Assert.Single(PlanChecker.Check(Base, plan with { Bound = plan.Objective - 1 })).Code);
        Assert.Equal(ViolationCodes.BoundTooLow, Assert.Single(PlanChecker.Check(Base, plan with { Bound = plan.Objective + 1 })).Code);
        Assert.Equal(ViolationCodes.UnplacedListWrong, Assert.Single(PlanChecker.Check(Base, plan with { Unplaced = [new(Id(1), ["order"])] })).Code);
        Assert.Equal(2L * 60 * 5 + 60, plan.Objective);
    }
}
