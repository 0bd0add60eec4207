using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.CellPool.Knowing;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.CellPool.Lending;

/// <summary>Scheduling asks for a cell: one is held, or the answer says why not and when the next is free.</summary>
public sealed class WhenCellReservationAsked(CellPoolDb db, ShippingTime shipping, TimeProvider time) : IConsumer<ReserveCell>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ReserveCell> context)
    {
        var (asked, cancel) = (context.Message, context.CancellationToken);
        var wish = new Wish(asked.ReservationId, asked.ProposalId, asked.ExperimentId, asked.InstrumentCode, asked.From, asked.To, asked.Replaces ?? []);
        await context.PublishAsync(await wish.AnswerAsync(db, time, (instrument, now) => LendAsync(wish, asked, instrument, now, cancel), cancel));
    }

    private async Task<Reservation> LendAsync(Wish wish, ReserveCell asked, KnownInstrument instrument, DateTimeOffset now, CancellationToken cancel)
    {
        if (LendingRules.ModeOf(asked.Mode) is not { } mode) return wish.Refused("mode.unknown", "No mode is called like this.", now);
        var design = await db.Designs.AsNoTracking().SingleOrDefaultAsync(known => known.Code == asked.CellDesignCode, cancel);
        if (design is null) return wish.Refused("design.unknown", "No design has this code.", now);
        if (design.Misfits(instrument, mode) is { Count: > 0 } misfits) return Reservation.Refuse(wish, misfits, [], Guid.CreateVersion7(now), now);

        var cells = await db.Cells.Where(cell => cell.DesignCode == design.Code && cell.State != ServiceState.Retired).ToDictionaryAsync(cell => cell.Code, cancel);
        if (cells.Count == 0) return wish.Refused("design.no-cell", $"The pool has no cell of {design.Name}.", now);
        var holds = await HoldsAsync(cells.Values, wish, cancel);
        var lendable = cells.Values.OrderBy(cell => cell.Code, StringComparer.Ordinal).Select(cell => new LendableCell(
            cell.Code, cell.State, cell.QualifiedInstruments.Contains(instrument.Code),
            cell.Before(instrument.SiteCode, shipping.EachWay), cell.After(instrument.SiteCode, shipping.EachWay), [.. holds[cell.Id]])).ToList();
        return LendingRules.Choose(lendable, wish.From, wish.To) is { } chosen
            ? Reservation.Hold(wish, cells[chosen.Code], wish.From - chosen.Before, wish.To + chosen.After, Guid.CreateVersion7(now), now)
            : Reservation.Refuse(
                wish, [.. lendable.Select(cell => LendingRules.WhyNot(cell, wish.From, wish.To)).OfType<ReservationRefusal>()],
                LendingRules.NextFree(lendable, wish.From, wish.To), Guid.CreateVersion7(now), now);
    }

    private async Task<ILookup<Guid, Busy>> HoldsAsync(IEnumerable<Cell> cells, Wish wish, CancellationToken cancel)
    {
        var ids = cells.Select(cell => (Guid?)cell.Id).ToList();
        var since = wish.From - shipping.EachWay - TimeSpan.FromHours(Limits.Hours);
        var holds = await db.InTheWayOf(wish).Where(held => ids.Contains(held.CellId) && held.HeldTo > since).Select(held => new { held.CellId, held.HeldFrom, held.HeldTo }).ToListAsync(cancel);
        return holds.ToLookup(held => held.CellId ?? Guid.Empty, held => new Busy(held.HeldFrom ?? default, held.HeldTo ?? default));
    }
}

/// <summary>Time a cell is under way between two sites, each way (<c>Tutti:CellPool:ShippingDays</c>).</summary>
public sealed record ShippingTime(TimeSpan EachWay);
