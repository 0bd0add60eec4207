using FsCheck;
using FsCheck.Fluent;
using Microsoft.EntityFrameworkCore;
using Tutti.CellPool.Lending;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;

namespace Tutti.CellPool.Tests;

[Trait("engine", "any")]
public sealed class A_choice_among_cells
{
    private static readonly DateTimeOffset start = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Cells with holds that do not overlap, and shifts that are asked for.</summary>
    private static Arbitrary<(List<LendableCell> Cells, DateTimeOffset From, DateTimeOffset To)> Questions()
    {
        var hold = from gap in Gen.Choose(0, 40) from length in Gen.Choose(1, 30) select (gap, length);
        var cell =
            from before in Gen.Choose(0, 12)
            from after in Gen.Choose(0, 12)
            from state in Gen.Frequency((6, Gen.Constant(ServiceState.InService)), (1, Gen.Constant(ServiceState.InRepair)))
            from qualified in Gen.Frequency((6, Gen.Constant(true)), (1, Gen.Constant(false)))
            from holds in Gen.ListOf(hold, 8)
            select new LendableCell("cell", state, qualified, TimeSpan.FromHours(before), TimeSpan.FromHours(after), Lay(holds));
        var question =
            from count in Gen.Choose(0, 4)
            from cells in Gen.ListOf(cell, count)
            from at in Gen.Choose(-10, 250)
            from length in Gen.Choose(1, 40)
            select (cells.Select((one, index) => one with { Code = $"cell-{index}" }).ToList(), start.AddHours(at), start.AddHours(at + length));
        return question.ToArbitrary();
    }

    private static List<Busy> Lay(IEnumerable<(int Gap, int Length)> holds)
    {
        var (time, laid) = (start, new List<Busy>());
        foreach (var (gap, length) in holds)
        {
            laid.Add(new Busy(time.AddHours(gap), time.AddHours(gap + length)));
            time = laid[^1].To;
        }
        return laid;
    }

    /// <summary>The rule again, hour by hour, knowing nothing of intervals.</summary>
    private static bool IsFree(LendableCell cell, DateTimeOffset from, DateTimeOffset to)
    {
        if (cell.State != ServiceState.InService || !cell.Qualified) return false;
        for (var hour = from - cell.Before; hour < to + cell.After; hour = hour.AddHours(1))
            if (cell.Holds.Any(hold => hold.From <= hour && hour < hold.To)) return false;
        return true;
    }

    private static void Always(Func<(List<LendableCell> Cells, DateTimeOffset From, DateTimeOffset To), bool> holds) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1500), Prop.ForAll(Questions(), holds));

    [Fact]
    public void Takes_a_free_one_and_refuses_only_if_there_is_none() =>
        Always(asked => LendingRules.Choose(asked.Cells, asked.From, asked.To) is { } chosen
            ? IsFree(chosen, asked.From, asked.To)
            : !asked.Cells.Any(cell => IsFree(cell, asked.From, asked.To)));

    [Fact]
    public void Has_a_reason_for_each_that_is_not_free() =>
        Always(asked => asked.Cells.TrueForAll(cell => LendingRules.WhyNot(cell, asked.From, asked.To) is null == IsFree(cell, asked.From, asked.To)));

    [Fact]
    public void Tells_intervals_that_are_really_free_not_earlier_than_asked_and_in_order() =>
        Always(asked =>
        {
            var length = asked.To - asked.From;
            var told = LendingRules.NextFree(asked.Cells, asked.From, asked.To);
            return told.Zip(told.Skip(1)).All(pair => pair.First.From <= pair.Second.From)
                && told.All(free => free.From >= asked.From && (free.To is not { } end || end - free.From >= length)
                    && LendingRules.Choose(asked.Cells, free.From, free.From + length) is not null
                    && (free.To is not { } last || LendingRules.Choose(asked.Cells, last - length, last) is not null));
        });

    [Fact]
    public void Tells_the_earliest_time_there_is() =>
        Always(asked =>
        {
            var length = asked.To - asked.From;
            var usable = asked.Cells.Exists(cell => cell.State == ServiceState.InService && cell.Qualified);
            if (LendingRules.NextFree(asked.Cells, asked.From, asked.To) is not [var first, ..]) return !usable;
            for (var hour = asked.From; hour < first.From; hour = hour.AddHours(1))
                if (asked.Cells.Exists(cell => IsFree(cell, hour, hour + length))) return false;
            return true;
        });
}

/// <summary>Random commands through the service itself: its own database decides.</summary>
public sealed class Any_sequence_of_commands(CellPoolHost host) : IClassFixture<CellPoolHost>
{
    private sealed record Step(int Reservation, bool Release);

    /// <summary>Releases may come before what they release, and anything may come twice.</summary>
    private static List<Step> Steps(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => new Step(random.Next(count / 2), random.Next(3) == 0))];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task One_after_the_other_never_overlaps_refuses_only_what_has_no_cell_and_tells_times_that_are_free(int seed)
    {
        var random = new Random(seed);
        var (design, wishes) = await PrepareAsync(random, 60);
        HashSet<Guid> heard = [];
        foreach (var step in Steps(random, 60))
        {
            var wish = wishes[step.Reservation];
            var before = await LendableAsync(design, wish.InstrumentCode);
            if (step.Release)
            {
                await host.HearAsync(CellPoolHost.Release(wish));
                heard.Add(wish.ReservationId);
                continue;
            }
            await host.HearAsync(wish);
            if (!heard.Add(wish.ReservationId)) continue;
            if ((await host.SaidAsync<CellReservationRefused>()).Find(said => said.ReservationId == wish.ReservationId) is { } refused)
            {
                Assert.Null(LendingRules.Choose(before, wish.From, wish.To));
                Assert.All(refused.NextFree, free => Assert.NotNull(LendingRules.Choose(before, free.From, free.From + (wish.To - wish.From))));
            }
            else Assert.NotNull(LendingRules.Choose(before, wish.From, wish.To));
            await NothingOverlapsAsync(design);
        }
        var said = await host.SaidAsync<CellReservationRefused>();
        Assert.Contains(said, refused => refused.Reasons.Any(reason => reason.Code == "cell.busy"));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task All_at_once_never_overlaps_and_answers_each_alike(int seed)
    {
        var random = new Random(seed);
        var (design, wishes) = await PrepareAsync(random, 60);
        var steps = Steps(random, 60);
        await Task.WhenAll(steps.Select(step => step.Release ? host.HearAsync(CellPoolHost.Release(wishes[step.Reservation])) : host.HearAsync(wishes[step.Reservation])));
        await NothingOverlapsAsync(design);
        var held = await host.ReadAsync(db => db.Reservations.Where(reservation => reservation.Status == ReservationStatus.Held).Select(reservation => reservation.Id).ToListAsync());
        var reserved = await host.SaidAsync<CellReserved>();
        Assert.All(reserved.GroupBy(said => said.ReservationId), answers => Assert.Single(answers.Distinct()));
        Assert.All(held, id => Assert.Contains(reserved, said => said.ReservationId == id));
        var released = steps.Where(step => step.Release).Select(step => wishes[step.Reservation].ReservationId);
        Assert.Empty(held.Intersect(released));
    }

    private async Task<(string Design, List<ReserveCell> Wishes)> PrepareAsync(Random random, int count)
    {
        var design = await host.DesignWithCellsAsync(2);
        return (design, [.. Enumerable.Range(0, count).Select(_ => host.Wish(design, random.Next(30), random.Next(1, 5), random.Next(2) == 0 ? "elettra-xafs" : "bnc-psd"))]);
    }

    private Task<List<LendableCell>> LendableAsync(string design, string instrument) => host.ReadAsync(async db =>
    {
        var shipping = TimeSpan.FromDays(2);
        var site = instrument == "bnc-psd" ? "bnc" : "elettra";
        var held = await db.Reservations.Where(reservation => reservation.Status == ReservationStatus.Held).ToListAsync();
        return (await db.Cells.Where(cell => cell.DesignCode == design).ToListAsync()).ConvertAll(cell => new LendableCell(
            cell.Code, cell.State, true, cell.Before(site, shipping), cell.After(site, shipping),
            [.. held.Where(hold => hold.CellId == cell.Id).Select(hold => new Busy(hold.HeldFrom ?? default, hold.HeldTo ?? default))]));
    });

    private async Task NothingOverlapsAsync(string design)
    {
        foreach (var cell in await LendableAsync(design, "elettra-xafs"))
        {
            var holds = cell.Holds.OrderBy(hold => hold.From).ToList();
            Assert.All(holds.Zip(holds.Skip(1)), pair => Assert.True(pair.First.To <= pair.Second.From, $"{cell.Code}: {pair.First} and {pair.Second}"));
        }
    }
}
