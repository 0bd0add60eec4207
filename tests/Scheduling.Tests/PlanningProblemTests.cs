using Tutti.Scheduling.Calendars;
using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Planning;
using static Tutti.Scheduling.Tests.Problems;

namespace Tutti.Scheduling.Tests;

[Trait("engine", "any")]
public sealed class A_planning_problem
{
    private static readonly PlanningProblem Good = Problem([Instrument("xas", "xxxx"), Instrument("nmr", "xxxx", "ljubljana")],
        Experiment(1, 1, 1, "xas"), Experiment(2, 1, 2, "xas", "nmr"));

    private static PlanningProblem With(Func<PlanningExperiment, PlanningExperiment> change) => Good with { Experiments = [change(Good.Experiments[0]), Good.Experiments[1]] };

    public static TheoryData<string, PlanningProblem> Nonsense() => new()
    {
        { "instrument-twice", Good with { Instruments = [.. Good.Instruments, Good.Instruments[0]] } },
        { "experiment-twice", Good with { Experiments = [.. Good.Experiments, Good.Experiments[0]] } },
        { "proposal-score-differs", With(one => one with { Score = 61 }) },
        { "shifts-out-of-range", With(one => one with { Shifts = 0 }) },
        { "shifts-out-of-range", With(one => one with { Shifts = int.MaxValue }) },
        { "score-out-of-range", Good with { Experiments = [.. Good.Experiments.Select(one => one with { Score = -1 }).Take(1)] } },
        { "window-empty", With(one => one with { Release = 20, Due = 20 }) },
        { "no-eligible-instrument", With(one => one with { Instruments = [] }) },
        { "unknown-instrument", With(one => one with { Instruments = ["saxs"] }) },
        { "eligible-instrument-twice", With(one => one with { Instruments = ["xas", "xas"] }) },
        { "unknown-instrument", With(one => one with { Forbidden = [new("saxs", 0, 1, ForbiddenReason.TeamAway)] }) },
        { "forbidden-interval-empty", With(one => one with { Forbidden = [new(null, 2, 1, ForbiddenReason.TeamAway)] }) },
        { "unknown-forbidden-reason", With(one => one with { Forbidden = [new(null, 1, 2, (ForbiddenReason)99)] }) },
        { "mode-missing", Good with { Instruments = [Good.Instruments[0] with { ModeChanges = [new("in-situ", "operando", 1, 0)] }, Good.Instruments[1]] } },
        { "mode-change-out-of-range", Good with { Instruments = [Good.Instruments[0] with { ModeChanges = [new("in-situ", "operando", -1, 0)] }, Good.Instruments[1]] } },
        { "mode-change-twice", Good with { Instruments = [Good.Instruments[0] with { ModeChanges = [new("in-situ", "operando", 1, 0), new("in-situ", "operando", 2, 0)] }, Good.Instruments[1]] } },
        { "part-twice", Good with { Parts = [new("SI", 0, null), new("SI", 1, null)] } },
        { "part-out-of-range", Good with { Parts = [new("SI", 2, 1)] } },
        { "unknown-part", With(one => one with { Part = "SI" }) },
        { "stock-twice", Good with { Stocks = [new("pouch", PoolStock.CellsOut, 1, [], new Dictionary<string, int>()), new("pouch", PoolStock.CellsOut, 2, [], new Dictionary<string, int>())] } },
        { "stock-out-of-range", Good with { Stocks = [new("pouch", PoolStock.CellsOut, -1, [], new Dictionary<string, int>())] } },
        { "stock-out-of-range", Good with { Stocks = [new("pouch", PoolStock.CellsOut, 1, [new(8, 7, 1)], new Dictionary<string, int>())] } },
        { "stock-out-of-range", Good with { Stocks = [new("pouch", PoolStock.CellsOut, 1, [], new Dictionary<string, int> { ["trieste"] = -1 })] } },
        { "unknown-stock", With(one => one with { Stock = "pouch" }) },
        { "bridgeable-gap-out-of-range", Good with { Instruments = [Good.Instruments[0] with { BridgeableGap = -1 }, Good.Instruments[1]] } },
        { "open-shifts-not-in-order", Good with { Instruments = [Good.Instruments[0] with { OpenShifts = [new(0, 8), new(7, 15)] }, Good.Instruments[1]] } },
        { "open-shifts-not-in-order", Good with { Instruments = [Good.Instruments[0] with { OpenShifts = [new(8, 8)] }, Good.Instruments[1]] } },
        { "distance-out-of-range", Good with { DefaultTravel = -1 } },
        { "distance-out-of-range", Good with { Distances = [new("trieste", "ljubljana", -1, 0)] } },
        { "distance-within-a-site", Good with { Distances = [new("trieste", "trieste", 1, 1)] } },
        { "distance-twice", Good with { Distances = [new("trieste", "ljubljana", 1, 1), new("trieste", "ljubljana", 1, 2)] } },
        { "order-of-unknown-experiment", Good with { Precedences = [new(Id(1), Id(7), 0)] } },
        { "order-in-a-circle", Good with { Precedences = [new(Id(1), Id(2), 0), new(Id(2), Id(1), 0)] } },
        { "order-in-a-circle", Good with { Precedences = [new(Id(1), Id(1), 0)] } },
        { "gap-out-of-range", Good with { Precedences = [new(Id(1), Id(2), 8, 7)] } },
        { "gap-out-of-range", Good with { Precedences = [new(Id(1), Id(2), -1)] } },
        { "pin-of-unknown-experiment", Good with { Pins = [new(Id(7), "xas", 0, 8)] } },
        { "pin-on-unknown-instrument", Good with { Pins = [new(Id(1), "saxs", 0, 8)] } },
        { "pin-twice", Good with { Pins = [new(Id(1), "xas", 0, 8), new(Id(1), "xas", 0, 8)] } },
        { "pin-breaks-instrument-not-eligible", Good with { Pins = [new(Id(1), "nmr", 0, 8)] } },
        { "pin-breaks-wrong-shift-count", Good with { Pins = [new(Id(1), "xas", 0, 16)] } },
        { "pin-breaks-block-differs-from-shifts", Good with { Pins = [new(Id(1), "xas", 1, 8)] } },
        { "pin-breaks-instrument-overlap", Good with { Pins = [new(Id(1), "xas", 0, 8), new(Id(2), "xas", 0, 16)] } },
        { "too-many-experiments", Good with { Experiments = [.. Enumerable.Range(0, 20_001).Select(e => Experiment(e, e, 1, "xas"))] } },
        { "too-many-places", Problem([Instrument("xas", new string('x', 1_000))], [.. Enumerable.Range(0, 5_001).Select(e => Experiment(e, e, 1, "xas"))]) },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void Is_not_planned_where_it_makes_no_sense(string code, PlanningProblem problem)
    {
        var result = AskPlanner.Plan(problem, new PlannerOptions { Workers = 1 }, stop: TestContext.Current.CancellationToken);
        Assert.Null(result.Plan);
        Assert.Contains(code, result.Errors.Select(error => error.Code));
        Assert.Equal(problem.Validate(), result.Errors);
    }

    [Fact]
    public void Makes_sense_with_nothing_in_it()
    {
        var plan = Planned(Problem([]));
        Assert.Equal((PlanStatus.Optimal, 0L), (plan.Status, plan.Objective));
    }

    [Fact]
    public void Takes_calendars_of_several_time_zones_on_one_axis()
    {
        var (from, to) = (new DateTimeOffset(2027, 3, 26, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 3, 30, 0, 0, 0, TimeSpan.Zero));
        var grid = TimeGrid.QuarterHours(from);
        IReadOnlyList<OpenShift> Open(string zone) => grid.OpenShifts(
            new RunCalendar { TimeZone = zone, RunPeriods = [new(new(2027, 3, 20), new(2027, 4, 5))] }.ShiftsBetween(from, to));
        var (rome, athens) = (Open("Europe/Rome"), Open("Europe/Athens"));
        Assert.Equal(4, rome[0].Start - athens[0].Start);
        Assert.Contains(rome, shift => shift.End - shift.Start == 28);
        Assert.All(rome, shift => Assert.Contains(athens, other => Math.Abs(other.Start - shift.Start) == 4 || athens[0].Start > shift.Start));

        var problem = new PlanningProblem
        {
            Grid = grid,
            Instruments = [new() { Id = "xas", Site = "trieste", OpenShifts = rome }, new() { Id = "saxs", Site = "athens", OpenShifts = athens }],
            Experiments = [Experiment(1, 1, 5, "xas") with { TeamId = Id(9) }, Experiment(2, 1, 4, "saxs") with { TeamId = Id(9) }],
            DefaultTravel = 4 * 12,
        };
        var plan = Planned(problem);
        Assert.Equal(2, plan.Placements.Count);
        Assert.Equal(from, grid.InstantAt(0));
    }

    [Fact]
    public void Refuses_shifts_that_are_not_on_its_grid() =>
        Assert.Throws<ArgumentException>(() => Grid.OpenShifts([new(Grid.Start.AddMinutes(30), Grid.Start.AddHours(8), "half past")]));
}
