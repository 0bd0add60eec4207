using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Proposals;
using Tutti.Contracts.Scheduling;

namespace Tutti.CellPool.Tests;

public sealed class A_reservation(CellPoolHost host) : IClassFixture<CellPoolHost>
{
    [Fact]
    public async Task At_the_home_site_holds_a_cell_until_it_is_clean()
    {
        var said = await host.ReservedAsync(host.Wish(await host.DesignWithCellsAsync(1), 10));
        Assert.Equal((host.Day(10), host.Day(13)), (said.HeldFrom, said.HeldTo));
    }

    [Fact]
    public async Task At_another_site_holds_a_cell_while_it_is_under_way()
    {
        var said = await host.ReservedAsync(host.Wish(await host.DesignWithCellsAsync(1), 10, instrument: "bnc-psd"));
        Assert.Equal((host.Day(8), host.Day(15)), (said.HeldFrom, said.HeldTo));
    }

    [Fact]
    public async Task That_replaces_another_of_its_experiment_may_have_the_same_cell_and_that_of_nobody_else()
    {
        var design = await host.DesignWithCellsAsync(1);
        var first = host.Wish(design, 10);
        await host.ReservedAsync(first);
        await host.RefusedAsync(host.Wish(design, 11) with { Replaces = [first.ReservationId] });
        var moved = host.Wish(design, 11) with { ExperimentId = first.ExperimentId, Replaces = [Guid.CreateVersion7(), first.ReservationId] };
        Assert.Equal(host.Day(11), (await host.ReservedAsync(moved)).HeldFrom);
        await host.HearAsync(CellPoolHost.Release(first));
        await host.RefusedAsync(host.Wish(design, 12));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task That_replaces_one_released_in_the_same_step_has_its_cell_whichever_is_heard_first(bool releaseFirst)
    {
        var design = await host.DesignWithCellsAsync(1);
        var first = host.Wish(design, 10);
        await host.ReservedAsync(first);
        var moved = host.Wish(design, 11) with { ExperimentId = first.ExperimentId, Replaces = [first.ReservationId] };
        if (releaseFirst) await host.HearAsync(CellPoolHost.Release(first));
        await host.ReservedAsync(moved);
        if (!releaseFirst) await host.HearAsync(CellPoolHost.Release(first));
        await host.RefusedAsync(host.Wish(design, 12));
        // What the released one held, and nothing else, is free.
        await host.ReservedAsync(host.Wish(design, 8));
    }

    [Fact]
    public async Task Asked_again_answers_the_same()
    {
        var design = await host.DesignWithCellsAsync(1);
        var (first, second) = (host.Wish(design, 10), host.Wish(design, 11));
        var message = Guid.CreateVersion7();
        await host.HearAsync(first, message);
        await host.HearAsync(second);
        await host.PublishAsync(first, message);
        await host.HearAsync(first);
        await host.HearAsync(CellPoolHost.Release(first));
        await host.HearAsync(second);
        Assert.Single((await host.SaidAsync<CellReserved>()).Where(said => said.ReservationId == first.ReservationId).Distinct());
        var refused = (await host.SaidAsync<CellReservationRefused>()).Where(said => said.ReservationId == second.ReservationId).ToList();
        Assert.Equal(2, refused.Count);
        Assert.Equivalent(refused[0], refused[1], strict: true);
    }

    [Fact]
    public async Task That_finds_no_cell_is_told_why_for_each_and_when_the_next_is_free()
    {
        var design = await host.DesignWithCellsAsync(1);
        var broken = await host.CellAsync(design);
        await host.CellAsync(design, qualified: ["elettra-mcx"]);
        (await host.DoAsync(CellPoolHost.Keeper, broken, "start-repair")).EnsureSuccessStatusCode();
        await host.ReservedAsync(host.Wish(design, 10));
        await host.ReservedAsync(host.Wish(design, 17));
        var refused = await host.RefusedAsync(host.Wish(design, 11));
        Assert.Equal(["cell.busy", "cell.out-of-service", "cell.not-qualified"], refused.Reasons.Select(reason => reason.Code));
        Assert.Equal([(host.Day(13), host.Day(16)), (host.Day(20), (DateTimeOffset?)null)], refused.NextFree.Select(free => (free.From, free.To)));
        Assert.Equal(host.Day(13), (await host.ReservedAsync(host.Wish(design, 13))).HeldFrom);
    }

    [Theory]
    [InlineData("nothing", "elettra-xafs", "in-situ", 2, "design.unknown")]
    [InlineData("empty", "elettra-xafs", "in-situ", 2, "design.no-cell")]
    [InlineData("idea", "elettra-xafs", "in-situ", 2, "design.not-lendable")]
    [InlineData("narrow", "elettra-mcx", "in-situ", 2, "design.not-fitting")]
    [InlineData("empty", "bnc-psd", "operando", 2, "instrument.mode-excluded")]
    [InlineData("empty", "nowhere", "in-situ", 2, "instrument.unknown")]
    [InlineData("empty", "elettra-xafs", "in-vivo", 2, "mode.unknown")]
    [InlineData("empty", "elettra-xafs", "in-situ", 0, "interval.invalid")]
    [InlineData("empty", "elettra-xafs", "in-situ", -1, "interval.invalid")]
    [InlineData("empty", "elettra-xafs", "in-situ", 1000, "interval.invalid")]
    public async Task That_cannot_be_met_is_refused_with_a_code(string design, string instrument, string mode, int days, string code)
    {
        await host.HearAsync(CellPoolHost.Design("empty"));
        await host.HearAsync(CellPoolHost.Design("idea", "idea"));
        await host.HearAsync(CellPoolHost.Design("narrow", instruments: "elettra-xafs"));
        var refused = await host.RefusedAsync(host.Wish(design, 10, days, instrument, mode));
        Assert.Equal([code], refused.Reasons.Select(reason => reason.Code));
        Assert.Empty(refused.NextFree);
    }

    [Fact]
    public async Task Beyond_the_calendar_is_refused()
    {
        var wish = host.Wish(await host.DesignWithCellsAsync(1), 1) with { From = DateTimeOffset.MinValue, To = DateTimeOffset.MinValue.AddDays(1) };
        Assert.Equal("interval.invalid", Assert.Single((await host.RefusedAsync(wish)).Reasons).Code);
    }

    [Fact]
    public async Task Of_a_retired_instrument_is_refused()
    {
        var design = await host.DesignWithCellsAsync(1);
        await host.HearAsync(CellPoolHost.Instrument("old", "elettra"));
        await host.HearAsync(new Contracts.Catalogue.InstrumentRetired { InstrumentCode = "old", Revision = 2 });
        Assert.Equal("instrument.retired", Assert.Single((await host.RefusedAsync(host.Wish(design, 10, instrument: "old"))).Reasons).Code);
    }

    [Fact]
    public async Task Released_frees_the_cell_once()
    {
        var design = await host.DesignWithCellsAsync(1);
        var wish = host.Wish(design, 10);
        var held = await host.ReservedAsync(wish);
        await host.HearAsync(CellPoolHost.Release(wish));
        await host.HearAsync(CellPoolHost.Release(wish));
        var said = Assert.Single(await host.SaidAsync<CellReservationReleased>(), said => said.ReservationId == wish.ReservationId);
        Assert.Equal((held.CellId, "The plan has changed."), (said.CellId, said.Reason));
        Assert.Equal(held.CellId, (await host.ReservedAsync(host.Wish(design, 11))).CellId);
        var history = await HistoryAsync(wish);
        Assert.Equal([(ReservationStatus.Held, ReservationCause.Reserve), (ReservationStatus.Released, ReservationCause.Release)], history.Select(change => (change.To, change.Cause)));
    }

    [Fact]
    public async Task Whose_release_arrives_first_holds_nothing()
    {
        var wish = host.Wish(await host.DesignWithCellsAsync(1), 10);
        await host.HearAsync(CellPoolHost.Release(wish));
        Assert.Equal("reservation.released", Assert.Single((await host.RefusedAsync(wish)).Reasons).Code);
        await host.HearAsync(wish);
        Assert.DoesNotContain(await host.SaidAsync<CellReserved>(), said => said.ReservationId == wish.ReservationId);
        Assert.Equal(ReservationStatus.Released, await StatusAsync(wish));
    }

    [Fact]
    public async Task Of_a_withdrawn_proposal_is_released_whichever_comes_first()
    {
        var design = await host.DesignWithCellsAsync(1);
        var held = host.Wish(design, 10);
        var late = host.Wish(design, 20) with { ProposalId = held.ProposalId };
        var withdrawn = new ProposalWithdrawn { ProposalId = held.ProposalId, CallId = Guid.CreateVersion7(), Revision = 3, WithdrawnAt = host.Time.GetUtcNow(), Reason = "No sample." };
        await host.ReservedAsync(held);
        await host.HearAsync(withdrawn);
        await host.HearAsync(withdrawn);
        Assert.Equal("proposal.withdrawn", Assert.Single((await host.RefusedAsync(late)).Reasons).Code);
        Assert.Single(await host.SaidAsync<CellReservationReleased>(), said => said.ReservationId == held.ReservationId);
        Assert.Equal(ReservationStatus.Released, await StatusAsync(held));
        Assert.Equal([ReservationCause.Reserve, ReservationCause.ProposalWithdrawn], (await HistoryAsync(held)).Select(change => change.Cause));
        await host.ReservedAsync(host.Wish(design, 10));
    }

    [Fact]
    public async Task Asked_by_many_at_once_for_one_cell_is_given_to_one()
    {
        var design = await host.DesignWithCellsAsync(1);
        var wishes = Enumerable.Range(0, 12).Select(number => host.Wish(design, 10 + (number % 2))).ToList();
        await Task.WhenAll(wishes.Select(wish => host.HearAsync(wish)));
        var ids = wishes.ConvertAll(wish => wish.ReservationId);
        Assert.Single(await host.SaidAsync<CellReserved>(), said => ids.Contains(said.ReservationId));
        Assert.Equal(11, (await host.SaidAsync<CellReservationRefused>()).Count(said => ids.Contains(said.ReservationId)));
    }

    [Fact]
    public async Task Asked_while_the_proposal_is_withdrawn_holds_nothing()
    {
        var design = await host.DesignWithCellsAsync(4);
        var proposal = Guid.CreateVersion7();
        var wishes = Enumerable.Range(0, 4).Select(number => host.Wish(design, 10 * number) with { ProposalId = proposal }).ToList();
        var withdrawn = new ProposalWithdrawn { ProposalId = proposal, CallId = Guid.CreateVersion7(), Revision = 3, WithdrawnAt = host.Time.GetUtcNow(), Reason = "No sample." };
        await Task.WhenAll([.. wishes.Select(wish => host.HearAsync(wish)), host.HearAsync(withdrawn)]);
        Assert.False(await host.ReadAsync(db => db.Reservations.AnyAsync(held => held.ProposalId == proposal && held.Status == ReservationStatus.Held)));
    }

    private Task<ReservationStatus> StatusAsync(ReserveCell wish) =>
        host.ReadAsync(async db => (await db.Reservations.SingleAsync(reservation => reservation.Id == wish.ReservationId)).Status);

    private Task<List<ReservationChange>> HistoryAsync(ReserveCell wish) =>
        host.ReadAsync(db => db.ReservationHistory.Where(change => change.ReservationId == wish.ReservationId).OrderBy(change => change.At).ThenBy(change => change.Id).ToListAsync());
}
