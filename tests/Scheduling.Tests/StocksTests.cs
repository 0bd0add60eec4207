using Tutti.Contracts.CellPool;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Holding;
using Tutti.Scheduling.Knowing;

namespace Tutti.Scheduling.Tests;

public sealed class What_a_plan_may_ask_of_the_pool(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private static readonly DateTimeOffset start = new(2027, 1, 4, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeGrid grid = TimeGrid.QuarterHours(start);
    private static readonly IReadOnlySet<Guid> none = new HashSet<Guid>();

    private static readonly Dictionary<string, KnownInstrument> instruments = new KnownInstrument[] { new() { Code = "xas", SiteCode = "trieste" }, new() { Code = "saxs", SiteCode = "trieste" }, new() { Code = "nmr", SiteCode = "ljubljana" } }
        .ToDictionary(one => one.Code);

    private static readonly Guid call = Guid.CreateVersion7();

    private static KnownCell Cell(string code, int before, int after, params string[] instruments) =>
        new() { Code = code, DesignCode = "pouch", Lendable = true, HomeSite = "trieste", InstrumentCodes = instruments, BeforeHours = before, AfterHours = after, ShippingHours = 48 };

    private static KnownEquipment Laboratory(string code, int pieces, int lead, int around, params EquipmentOutage[] outages) =>
        new() { LaboratoryCode = code, Kind = "glove-box", Pieces = pieces, SiteCode = "trieste", InstrumentCodes = ["xas"], LeadHours = lead, BeforeHours = around, AfterHours = around, Outages = outages };

    private static EquipmentOutage Outage(double from, double to, int pieces = 1) => new() { From = start.AddDays(from), To = start.AddDays(to), Pieces = pieces };

    private static Experiment Granted(string instrument, string? cell = null, params string[] equipment) => Experiment.Grant(Guid.CreateVersion7(), call, new()
    {
        ExperimentId = Guid.CreateVersion7(), Title = "XAS", InstrumentCode = instrument, Shifts = 3, Mode = "operando", CellDesignCode = cell, Required = true, After = [], Equipment = equipment,
    });

    private static PlanEntry Placed(Experiment one, double from, double to) => new()
    {
        PlanId = call, ExperimentId = one.Id, ProposalId = one.ProposalId, InstrumentCode = one.InstrumentCode, Mode = one.Mode, Required = true, Value = 1, CellDesignCode = one.CellDesignCode, Equipment = one.Equipment,
        From = start.AddDays(from), To = start.AddDays(to), Shifts = [new(start.AddDays(from), start.AddDays(to), "")],
    };

    private static Reservation Held(string by, PlanEntry entry)
    {
        var held = Reservation.Ask(Guid.CreateVersion7(), entry, entry.Needs[0], 1);
        held.Hold(by);
        return held;
    }

    /// <summary>What is held for somebody of whom this plan knows nothing.</summary>
    private static Reservation Lent(string by, Need need, double from, double to, string instrument = "xas") =>
        Held(by, Placed(need.Kind == ReservationKind.Cell ? Granted(instrument, need.Code) : Granted(instrument, null, need.Code), from, to));

    private async Task<PlanSnapshot> SnapshotAsync(KnownPool pool, IReadOnlyList<Experiment> experiments, params PlanEntry[] entries)
    {
        var plan = CallPlan.Request(Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), start);
        plan.Entries.AddRange(entries);
        return await host.ReadAsync(db => PlanSnapshot.LoadAsync(db, plan, TestContext.Current.CancellationToken)) with { Pool = pool, Instruments = instruments, Experiments = experiments };
    }

    private static Stocks StocksOf(PlanSnapshot snapshot, params Guid[] standing) => new(snapshot, snapshot.Plan.Entries, grid, standing.Length == 0 ? none : standing.ToHashSet(), start.AddDays(60), start);

    private async Task<PoolStock> StockAsync(KnownPool pool, Experiment wanted) => Assert.Single(StocksOf(await SnapshotAsync(pool, [wanted])).All);

    private static int GoneAt(PoolStock stock, double day) => grid.UnitBefore(start.AddDays(day)) is var at ? stock.Gone.Where(gone => gone.From <= at && at < gone.To).Sum(gone => gone.Pieces) : 0;

    private static int MostGone(PoolStock stock) => stock.Gone.Max(gone => stock.Gone.Where(other => other.From <= gone.From && gone.From < other.To).Sum(other => other.Pieces));

    private static readonly Need gloveBox = new(ReservationKind.Equipment, "glove-box"), pouch = new(ReservationKind.Cell, "pouch");

    [Fact]
    public async Task Is_less_by_a_piece_once_though_it_is_lent_broken_and_too_late_to_ask_for()
    {
        var pool = new KnownPool([], [Laboratory("a", 2, 168, 0, Outage(3, 5, 2)), Laboratory("b", 1, 0, 0)], [Lent("a", gloveBox, 2, 4), Lent("a", gloveBox, 2, 4)]);
        var stock = await StockAsync(pool, Granted("xas", null, "glove-box"));
        Assert.Equal((3, 2, 2), (stock.Count, MostGone(stock), GoneAt(stock, 3)));
        Assert.Equal(0, GoneAt(stock, 7));
    }

    [Fact]
    public async Task Is_less_by_a_cell_once_where_the_times_around_two_loans_of_it_meet()
    {
        var stock = await StockAsync(new([Cell("slow", 48, 48, "xas"), Cell("quick", 0, 0, "xas")], [], [Lent("slow", pouch, 10, 11), Lent("slow", pouch, 15, 16)]), Granted("xas", "pouch"));
        Assert.Equal((2, 1, 1), (stock.Count, MostGone(stock), GoneAt(stock, 13)));
        Assert.Equal((0, 0), (GoneAt(stock, 5.9), GoneAt(stock, 20)));
    }

    [Fact]
    public async Task Is_less_by_one_piece_where_one_is_mended_when_the_other_breaks()
    {
        var stock = await StockAsync(new([], [Laboratory("slow", 2, 0, 48, Outage(10, 20), Outage(20, 30)), Laboratory("quick", 1, 0, 0)], []), Granted("xas", null, "glove-box"));
        Assert.Equal((3, 1, 1, 1, 0), (stock.Count, GoneAt(stock, 19), GoneAt(stock, 20), GoneAt(stock, 21), GoneAt(stock, 33)));
    }

    [Fact]
    public async Task Is_less_by_what_stands_where_it_stands_and_not_where_something_is_held_for_it_elsewhere()
    {
        var (wanted, locked) = (Granted("xas", "pouch"), Granted("xas", "pouch"));
        var (before, now) = (Placed(locked, 14, 15), Placed(locked, 35, 36));
        var pool = new KnownPool([Cell("one", 0, 0, "xas")], [], [Held("one", before)]);
        var moved = Assert.Single(StocksOf(await SnapshotAsync(pool, [wanted, locked], now), locked.Id).All);
        Assert.Equal((0, 1), (GoneAt(moved, 14.5), GoneAt(moved, 35.5)));
        var kept = Assert.Single(StocksOf(await SnapshotAsync(pool, [wanted, locked], before), locked.Id).All);
        Assert.Equal((1, 0), (GoneAt(kept, 14.5), GoneAt(kept, 35.5)));
    }

    [Fact]
    public async Task Is_known_for_instruments_of_which_only_the_pool_has_heard()
    {
        var (wanted, locked) = (Granted("new", "pouch"), Granted("new", "pouch"));
        var stock = Assert.Single(StocksOf(await SnapshotAsync(new([Cell("one", 0, 0, "new")], [], []), [wanted, locked], Placed(locked, 14, 15)), locked.Id).All);
        // Two days from home.
        Assert.Equal((1, 4 * 48), (GoneAt(stock, 14.5), stock.Around[""]));
    }

    [Fact]
    public async Task Is_not_limited_by_what_is_nowhere_to_be_had_so_that_the_pool_says_why()
    {
        var (alone, both) = (Granted("nmr", "pouch"), Granted("xas", "pouch", "glove-box"));
        var stocks = StocksOf(await SnapshotAsync(new([Cell("one", 0, 0, "saxs")], [Laboratory("a", 1, 0, 0)], []), [alone, both]));
        Assert.Null(stocks.Of(alone, "nmr"));
        Assert.Equal((Assert.Single(stocks.All).Name, PoolStock.EquipmentOut), (stocks.Of(both, "xas"), stocks.All[0].Lack));
        Assert.Empty(StocksOf(await SnapshotAsync(new([], [Laboratory("a", 0, 0, 0)], []), [both])).All);
    }

    [Fact]
    public async Task Is_one_piece_for_all_blocks_of_a_split_experiment()
    {
        var split = Granted("xas", "pouch");
        var entry = Placed(split, 3, 4);
        (entry.From, entry.To, entry.Shifts, entry.Split) = (null, null, [], [2, 1]);
        var proposal = new GrantedProposal { Id = split.ProposalId, CallId = call, Revision = 1, BeamtimeFrom = start, BeamtimeTo = start.AddDays(30) };
        var snapshot = await SnapshotAsync(new([Cell("one", 0, 0, "xas")], [], []), [split], entry) with { Proposals = new Dictionary<Guid, GrantedProposal> { [proposal.Id] = proposal } };
        var problem = new PlanTask(snapshot, TimeSpan.Zero, keepHeld: false, start).Problem;
        Assert.Equal([(2, Assert.Single(problem.Stocks).Name), (1, null)], problem.Experiments.Select(one => (one.Shifts, one.Stock)));
    }

    /// <summary>
    /// A pool by the rules of the pool alone: a piece is kept from so many hours before the shifts to so many after them. Random loans, what stands, and what is planned are asked of it one after the
    /// other; whatever it has accepted is no more than the plan was told that there is.
    /// </summary>
    [Theory]
    [InlineData(ReservationKind.Cell)]
    [InlineData(ReservationKind.Equipment)]
    public async Task Is_never_less_than_the_pool_lends(ReservationKind kind)
    {
        var snapshot = await SnapshotAsync(new([], [], []), []);
        var planned = 0;
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            string[] codes = [.. instruments.Keys];
            var cells = Enumerable.Range(0, kind == ReservationKind.Cell ? random.Next(1, 4) : 0).Select(n => Cell($"cell-{n}", random.Next(40), random.Next(40), [.. codes.Where(_ => random.Next(3) > 0)])).ToList();
            foreach (var cell in cells) (cell.HomeSite, cell.ShippingHours) = (random.Next(2) == 0 ? "trieste" : "ljubljana", random.Next(3) * 12.4);
            var laboratories = Enumerable.Range(0, kind == ReservationKind.Equipment ? random.Next(1, 4) : 0).Select(n => new KnownEquipment
            {
                LaboratoryCode = $"lab-{n}", Kind = "glove-box", Pieces = random.Next(4), SiteCode = "trieste", SharedBySite = random.Next(3) == 0, InstrumentCodes = [.. codes.Where(_ => random.Next(3) > 0)],
                LeadHours = random.Next(2) * random.Next(100), BeforeHours = random.Next(40), AfterHours = random.Next(40),
                Outages = [.. Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(20)).Select(from => Outage(from, from + random.Next(1, 8), random.Next(1, 3)))],
            }).ToList();
            var sources = cells.Select(cell => new Lender(cell.Code, 1, null, cell.InstrumentCodes.Contains, site => Hours(cell.BeforeHours, cell, site), site => Hours(cell.AfterHours, cell, site)))
                .Concat(laboratories.Select(one => new Lender(one.LaboratoryCode, one.Pieces, one.LeadHours, code => one.InstrumentCodes.Contains(code) || (one.SharedBySite && instruments[code].SiteCode == one.SiteCode), _ => one.BeforeHours, _ => one.AfterHours)
                { Busy = [.. one.Outages.Select(outage => (outage.From, outage.To ?? DateTimeOffset.MaxValue, outage.Pieces))] })).ToList();

            List<Reservation> lent = [];
            List<(Experiment Experiment, PlanEntry Entry)> standing = [], free = [];
            for (var n = 0; n < 24; n++)
            {
                var code = codes[random.Next(codes.Length)];
                var one = kind == ReservationKind.Cell ? Granted(code, "pouch") : Granted(code, null, "glove-box");
                var from = random.Next(1, 90) / 4.0;
                var entry = Placed(one, from, from + (random.Next(1, 8) / 4.0));
                var able = sources.FindAll(source => source.Lends(entry));
                if (able.Count == 0) continue;
                var chosen = able[random.Next(able.Count)];
                chosen.Lend(entry);
                if (n < 6) lent.Add(Held(chosen.Code, entry));
                else if (n < 10) standing.Add((one, entry));
                else free.Add((one, entry));
                if (n is >= 6 and < 10 && random.Next(2) == 0) lent.Add(Held(chosen.Code, entry));
            }
            var here = snapshot with { Pool = new(cells, laboratories, lent), Experiments = [.. standing.Concat(free).Select(one => one.Experiment)] };
            here.Plan.Entries.Clear();
            here.Plan.Entries.AddRange(standing.Select(one => one.Entry));
            var stocks = new Stocks(here, here.Plan.Entries, grid, standing.Select(one => one.Experiment.Id).ToHashSet(), start.AddDays(40), start);
            var problem = new PlanningProblem
            {
                Grid = grid, Stocks = stocks.All, Instruments = [.. instruments.Values.Select(one => new PlanningInstrument { Id = one.Code, Site = one.SiteCode ?? "", OpenShifts = [] })],
                Experiments = [.. free.Select(one => new PlanningExperiment { Id = one.Experiment.Id, ProposalId = one.Experiment.ProposalId, Score = 1, Shifts = 1, Instruments = [one.Experiment.InstrumentCode], Due = 10_000, Stock = stocks.Of(one.Experiment, one.Experiment.InstrumentCode) })],
            };
            var placements = free.Select(one => new Placement(one.Experiment.Id, one.Entry.InstrumentCode, grid.UnitBefore(one.Entry.From ?? start), grid.UnitBefore(one.Entry.To ?? start), [])).ToList();
            Assert.False(PlanChecker.CheckPlacements(problem, placements).Any(violation => violation.Code == ViolationCodes.StockExceeded), $"The plan may ask for less than the pool has lent with seed {seed}.");
            planned += problem.Experiments.Count(one => one.Stock is not null);
        }
        Assert.True(planned > 400, $"{planned} experiments were looked at");

        static double Hours(int hours, KnownCell cell, string site) => hours + (site == cell.HomeSite ? 0 : cell.ShippingHours);
    }

    private sealed record Lender(string Code, int Pieces, int? LeadHours, Func<string, bool> Serves, Func<string, double> Before, Func<string, double> After)
    {
        public List<(DateTimeOffset From, DateTimeOffset To, int Pieces)> Busy { get; init; } = [];

        public bool Lends(PlanEntry entry)
        {
            var (from, to) = Kept(entry);
            return Pieces > 0 && Serves(entry.InstrumentCode) && (LeadHours is not { } lead || from >= start.AddHours(lead))
                && Busy.Select(busy => busy.From).Append(from).Where(at => at >= from && at < to).All(at => Busy.Where(busy => busy.From <= at && at < busy.To).Sum(busy => busy.Pieces) < Pieces);
        }

        public void Lend(PlanEntry entry) => Busy.Add((Kept(entry).From, Kept(entry).To, 1));

        private (DateTimeOffset From, DateTimeOffset To) Kept(PlanEntry entry) => instruments[entry.InstrumentCode].SiteCode is var site
            ? ((entry.From ?? start).AddHours(-Before(site ?? "")), (entry.To ?? start).AddHours(After(site ?? ""))) : default;
    }
}
