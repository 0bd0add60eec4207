using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Asking;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class What_the_pool_has(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private static int number;

    private readonly string design = $"design-{Interlocked.Increment(ref number)}";

    private CellPublished Cell(int cell, IReadOnlyList<string> instruments, int revision = 1, bool lendable = true, int before = 0, int after = 24) => new()
    {
        CellCode = $"{design}-{cell}", Revision = revision, CellDesignCode = design, Lendable = lendable, HomeSite = "elettra", InstrumentCodes = instruments, BeforeHours = before, AfterHours = after, ShippingHours = 48,
    };

    private EquipmentPublished Equipment(string laboratory, int pieces, IReadOnlyList<string> instruments, int revision = 1, bool shared = false, params EquipmentOutage[] outages) => new()
    {
        LaboratoryCode = laboratory, EquipmentKind = design, Revision = revision, Pieces = pieces, SiteCode = "elettra", InstrumentCodes = instruments, SharedBySite = shared, LeadHours = 24, BeforeHours = 8, AfterHours = 0,
        Outages = outages,
    };

    private async Task<PlanningProblem> AskedAsync(Guid plan) =>
        Compressed.Read<PlanningProblem>((await host.ReadAsync(db => db.Runs.Where(x => x.PlanId == plan).OrderBy(x => x.StartedAt).FirstAsync())).Input);

    /// <summary>Plays a pool that holds what it is asked for: always the same cell where one is named.</summary>
    private async Task<ReadPlan.Response> HeldAsync(Guid plan, int? cell = null)
    {
        HashSet<Guid> answered = [];
        await host.UntilAsync(async db =>
        {
            foreach (var one in (await host.SaidAsync<ReserveCell>()).Where(one => one.PlanId == plan && answered.Add(one.ReservationId))) await host.HearAsync(Reserved(one) with { CellCode = $"{design}-{cell ?? answered.Count}" });
            foreach (var one in (await host.SaidAsync<ReserveEquipment>()).Where(one => one.PlanId == plan && answered.Add(one.ReservationId))) await host.HearAsync(Reserved(one));
            return (await db.Plans.FindAsync(plan))?.Status == CallPlanStatus.Ready;
        }, $"plan {plan} is ready");
        return await host.ReadPlanAsync(plan);
    }

    private static int MostAtOnce(IEnumerable<(DateTimeOffset From, DateTimeOffset To)> kept) => kept.ToList() is var all ? all.Max(one => all.Count(other => other.From <= one.From && one.From < other.To)) : 0;

    [Fact]
    public async Task Limits_a_plan_from_its_first_round_on_so_that_nothing_is_refused()
    {
        string[] codes = [await host.InstrumentAsync(), await host.InstrumentAsync(), await host.InstrumentAsync(), await host.InstrumentAsync("bnc")];
        var call = Guid.CreateVersion7();
        foreach (var code in codes) await host.AcceptAsync(call, Experiment(code, cell: design), Experiment(code, cell: design));
        await host.HearAsync(Cell(1, codes));
        await host.HearAsync(Cell(2, codes));
        var read = await HeldAsync(await host.PlanAsync(call));
        Assert.Equal((1, 8), (read.Rounds, read.Placements.Count));
        // A day to clean at home, and two on the way to and from the other site.
        var kept = read.Placements.Select(one => one.InstrumentCode == codes[3] ? (one.From.AddDays(-2), one.To.AddDays(3)) : (one.From, one.To.AddDays(1))).ToList();
        Assert.Equal(2, MostAtOnce(kept));
    }

    [Fact]
    public async Task Is_used_to_the_last_cell_and_what_finds_none_says_so()
    {
        string[] codes = [await host.InstrumentAsync("elettra", 1), await host.InstrumentAsync("elettra", 1), await host.InstrumentAsync("elettra", 1)];
        var call = Guid.CreateVersion7();
        foreach (var code in codes) await host.AcceptAsync(call, Experiment(code, cell: design));
        await host.HearAsync(Cell(1, codes));
        await host.HearAsync(Cell(2, codes));
        var read = await HeldAsync(await host.PlanAsync(call));
        Assert.Equal((1, 2), (read.Rounds, read.Placements.Count));
        Assert.Equal("cells-out", Assert.Single(Assert.Single(read.Unplaced).Reasons).Code);
    }

    [Fact]
    public async Task Is_learnt_in_any_order_and_any_number_of_times()
    {
        var code = await host.InstrumentAsync();
        CellPublished[] told = [Cell(1, [code], 3, lendable: false), Cell(1, [code], 1), Cell(1, [code], 3, lendable: false), Cell(1, [code], 2)];
        foreach (var one in told) await host.HearAsync(one);
        EquipmentPublished[] more = [Equipment($"lab-{design}", 2, [code], 2), Equipment($"lab-{design}", 9, [code], 1), Equipment($"lab-{design}", 2, [code], 2)];
        foreach (var one in more) await host.HearAsync(one);
        var cell = await host.ReadAsync(db => db.Cells.SingleAsync(x => x.DesignCode == design));
        Assert.Equal((3, false), (cell.Revision, cell.Lendable));
        var equipment = await host.ReadAsync(db => db.Equipment.SingleAsync(x => x.Kind == design));
        Assert.Equal((2, 2), (equipment.Revision, equipment.Pieces));
    }

    [Fact]
    public async Task That_another_call_holds_is_not_given_twice()
    {
        string[] codes = [await host.InstrumentAsync("elettra", 2), await host.InstrumentAsync("elettra", 2)];
        await host.HearAsync(Cell(1, codes));
        var first = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(codes[0], cell: design));
        var held = Assert.Single((await HeldAsync(await host.PlanAsync(first.CallId))).Placements);
        var second = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(codes[1], 2, design), Experiment(codes[1], 2, design, required: false));
        var plan = await host.PlanAsync(second.CallId);
        var read = await HeldAsync(plan);
        Assert.Equal(1, read.Rounds);
        Assert.All(read.Placements, one => Assert.True(one.To.AddDays(1) <= held.From || held.To.AddDays(1) <= one.From, $"{one.From:u} to {one.To:u} is not free of {held.From:u} to {held.To:u}"));
        var stock = Assert.Single((await AskedAsync(plan)).Stocks);
        Assert.Equal((1, 1), (stock.Count, Assert.Single(stock.Gone).Pieces));
    }

    [Fact]
    public async Task In_repair_stays_with_whom_it_is_held_for_and_goes_to_nobody_else()
    {
        string[] codes = [await host.InstrumentAsync(), await host.InstrumentAsync()];
        await host.HearAsync(Cell(1, codes));
        var call = Guid.CreateVersion7();
        var proposal = await host.AcceptAsync(call, Experiment(codes[0], cell: design));
        var plan = await host.PlanAsync(call);
        var held = Assert.Single((await HeldAsync(plan)).Placements);
        await host.HearAsync(Cell(1, codes, 2, lendable: false));
        await host.AcceptAsync(call, Experiment(codes[1], cell: design));
        Assert.Equal(System.Net.HttpStatusCode.Accepted, (await host.ChangeAsync(plan, "rounds", new { reason = "One more was accepted" })).StatusCode);
        await host.UntilAsync(async db => await db.Plans.AnyAsync(x => x.Id == plan && x.Round == 2), $"plan {plan} is in its second round");
        var read = await HeldAsync(plan);
        var kept = Assert.Single(read.Placements);
        Assert.Equal((proposal.ProposalId, held.From, held.To), (kept.ProposalId, kept.From, kept.To));
        Assert.Equal("cells-out", Assert.Single(Assert.Single(read.Unplaced).Reasons).Code);
    }

    [Fact]
    public async Task And_holds_for_an_experiment_keeps_it_nowhere_that_is_forbidden()
    {
        var code = await host.InstrumentAsync();
        await host.HearAsync(Cell(1, [code]));
        var (call, one) = (Guid.CreateVersion7(), Experiment(code, cell: design));
        await host.AcceptAsync(call, one);
        var plan = await host.PlanAsync(call);
        var held = Assert.Single((await HeldAsync(plan, 1)).Placements);
        (await host.ChangeAsync(plan, "forbids", new { experimentId = one.ExperimentId, to = held.To, reason = "The cryostat is away" })).EnsureSuccessStatusCode();
        (await host.ChangeAsync(plan, "rounds", new { reason = "Without the cryostat" })).EnsureSuccessStatusCode();
        await host.UntilAsync(async db => await db.Plans.AnyAsync(x => x.Id == plan && x.Round == 2), $"plan {plan} is in its second round");
        var moved = Assert.Single((await HeldAsync(plan, 1)).Placements);
        Assert.True(moved.From >= held.To, $"{moved.From:u} is before {held.To:u}");

        (await host.ChangeAsync(plan, "forbids", new { experimentId = one.ExperimentId, reason = "Safety has not agreed" })).EnsureSuccessStatusCode();
        (await host.ChangeAsync(plan, "rounds", new { reason = "Not at all" })).EnsureSuccessStatusCode();
        await host.UntilAsync(async db => await db.Plans.AnyAsync(x => x.Id == plan && x.Round == 3), $"plan {plan} is in its third round");
        Assert.Equal("forbidden-by-desk", Assert.Single(Assert.Single((await HeldAsync(plan, 1)).Unplaced).Reasons).Code);
        // It has a place as soon as people agree to it.
        var told = Assert.Single((await host.ReadAsync<ReadExplanations.Response>($"plans/{plan}/explanations")).Explanations);
        Assert.Equal(("forbidden-by-desk", false), (Assert.Single(told.Relax).Code, told.Impossible));
    }

    [Fact]
    public async Task Is_looked_at_when_somebody_moves_an_experiment_by_hand()
    {
        string[] codes = [await host.InstrumentAsync(), await host.InstrumentAsync()];
        await host.HearAsync(Cell(1, codes));
        await host.HearAsync(Equipment($"lab-{design}", 1, codes));
        var (call, first, second) = (Guid.CreateVersion7(), Experiment(codes[0], cell: design) with { Equipment = [design] }, Experiment(codes[1], cell: design) with { Equipment = [design] });
        await host.AcceptAsync(call, first);
        await host.AcceptAsync(call, second);
        var plan = await host.PlanAsync(call);
        Assert.Equal(2, (await HeldAsync(plan, 1)).Placements.Count);
        var (there, own) = (await host.PlaceOfAsync(plan, first.ExperimentId), await host.PlaceOfAsync(plan, second.ExperimentId));
        var conflict = Assert.Single(await (await host.MoveAsync(plan, second.ExperimentId, there.From)).ConflictsAsync());
        Assert.Equal(("cells-out", true), (conflict.Key, conflict.Value.GetProperty("forceable").GetBoolean()));
        Assert.Equal(second.ExperimentId, Assert.Single(conflict.Value.GetProperty("concerned").EnumerateArray()).GetProperty("experimentId").GetGuid());
        // What is held for it does not stand in its own way.
        (await host.MoveAsync(plan, second.ExperimentId, own.From < there.From ? own.From : own.From.AddDays(1))).EnsureSuccessStatusCode();
        (await host.MoveAsync(plan, second.ExperimentId, there.From, force: true)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Of_equipment_counts_for_the_instruments_it_serves_and_not_while_it_is_out_of_service()
    {
        string[] codes = [await host.InstrumentAsync("elettra", 3), await host.InstrumentAsync("elettra", 3), await host.InstrumentAsync("bnc", 3)];
        var start = new DateTimeOffset(host.Monday, TimeSpan.Zero);
        await host.HearAsync(Equipment($"lab-{design}", 1, [codes[0]], shared: true, outages: new EquipmentOutage { From = start.AddDays(-9), To = start.AddDays(1), Pieces = 1 }));
        await host.HearAsync(Equipment($"other-{design}", 1, [codes[2]]));
        var call = Guid.CreateVersion7();
        foreach (var code in codes) await host.AcceptAsync(call, Experiment(code) with { Equipment = [design] });
        var plan = await host.PlanAsync(call);
        var read = await HeldAsync(plan);
        Assert.Equal((1, 2), (read.Rounds, read.Placements.Count));
        var served = Assert.Single(read.Placements, one => one.InstrumentCode != codes[2]);
        Assert.True(served.From >= start.AddDays(1).AddHours(8), $"{served.From:u} begins too early for {start:u}");
        Assert.Equal("equipment-out", Assert.Single(Assert.Single(read.Unplaced).Reasons).Code);
        Assert.Equal([1, 1], (await AskedAsync(plan)).Stocks.Select(one => one.Count));
    }

    [Fact]
    public async Task Is_not_limited_where_nothing_was_told()
    {
        var code = await host.InstrumentAsync();
        var call = Guid.CreateVersion7();
        await host.AcceptAsync(call, Experiment(code, cell: design) with { Equipment = [design] });
        var plan = await host.PlanAsync(call);
        Assert.Single((await HeldAsync(plan)).Placements);
        Assert.Empty((await AskedAsync(plan)).Stocks);
    }
}
