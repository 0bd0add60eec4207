using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.CellPool.Lending;

/// <summary>
/// Scheduling asks for a cell: one is held, or the answer says why not and when the next is free. Asked again, it answers the same. Who promises a
/// cell changes its row, and who asks for a proposal changes the proposal's row: of two at once the slower is tried again on what the
/// faster wrote.
/// </summary>
public sealed class WhenCellReservationAsked(CellPoolDb db, ShippingTime shipping, TimeProvider time) : IConsumer<ReserveCell>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ReserveCell> context)
    {
        var asked = context.Message;
        var reservation = await db.Reservations.FindAsync([asked.ReservationId], context.CancellationToken);
        if (reservation is null) db.Add(reservation = await AnswerAsync(asked, context.CancellationToken));
        if (reservation is { Status: ReservationStatus.Held, CellId: { } cell, HeldFrom: { } from, HeldTo: { } to })
            await context.PublishAsync(new CellReserved
            {
                ReservationId = reservation.Id, ExperimentId = reservation.ExperimentId, CellId = cell, CellCode = reservation.CellCode, HeldFrom = from, HeldTo = to,
            });
        else
            await context.PublishAsync(new CellReservationRefused
            {
                ReservationId = reservation.Id, ExperimentId = reservation.ExperimentId, Reasons = reservation.Reasons, NextFree = reservation.NextFree,
            });
    }

    private async Task<Reservation> AnswerAsync(ReserveCell asked, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var proposal = await db.Proposals.FindAsync([asked.ProposalId], cancel);
        if (proposal is null) db.Add(proposal = new ProposalLoans { ProposalId = asked.ProposalId });
        proposal.Asked++;
        if (proposal.WithdrawnAt is not null) return Refused("proposal.withdrawn", "The proposal was withdrawn.");
        if (!LendingRules.IsUse(asked.From, asked.To)) return Refused("interval.invalid", "The shifts must end after they start and last at most a year.");
        if (LendingRules.ModeOf(asked.Mode) is not { } mode) return Refused("mode.unknown", "No mode is called like this.");
        var instrument = await db.Instruments.AsNoTracking().SingleOrDefaultAsync(known => known.Code == asked.InstrumentCode, cancel);
        if (instrument is null) return Refused("instrument.unknown", "The pool has not heard of the instrument.");
        if (instrument.Retired) return Refused("instrument.retired", $"{instrument.Code} has left the scheme.");
        var design = await db.Designs.AsNoTracking().SingleOrDefaultAsync(known => known.Code == asked.CellDesignCode, cancel);
        if (design is null) return Refused("design.unknown", "No design has this code.");
        if (design.Misfits(instrument, mode) is { Count: > 0 } misfits) return Reservation.Refuse(asked, misfits, [], Guid.CreateVersion7(now), now);

        var cells = await db.Cells.Where(cell => cell.DesignCode == design.Code && cell.State != ServiceState.Retired).ToDictionaryAsync(cell => cell.Code, cancel);
        if (cells.Count == 0) return Refused("design.no-cell", $"The pool has no cell of {design.Name}.");
        var holds = await HoldsAsync(cells.Values, asked, cancel);
        var lendable = cells.Values.OrderBy(cell => cell.Code, StringComparer.Ordinal).Select(cell => new LendableCell(
            cell.Code, cell.State, cell.QualifiedInstruments.Contains(instrument.Code),
            cell.Before(instrument.SiteCode, shipping.EachWay), cell.After(instrument.SiteCode, shipping.EachWay), [.. holds[cell.Id]])).ToList();
        return LendingRules.Choose(lendable, asked.From, asked.To) is { } chosen
            ? Reservation.Hold(asked, cells[chosen.Code], asked.From - chosen.Before, asked.To + chosen.After, Guid.CreateVersion7(now), now)
            : Reservation.Refuse(
                asked, [.. lendable.Select(cell => LendingRules.WhyNot(cell, asked.From, asked.To)).OfType<ReservationRefusal>()],
                LendingRules.NextFree(lendable, asked.From, asked.To), Guid.CreateVersion7(now), now);

        Reservation Refused(string code, string text) => Reservation.Refuse(asked, [new() { Code = code, Text = text }], [], Guid.CreateVersion7(now), now);
    }

    private async Task<ILookup<Guid, HeldTime>> HoldsAsync(IEnumerable<Cell> cells, ReserveCell asked, CancellationToken cancel)
    {
        var ids = cells.Select(cell => (Guid?)cell.Id).ToList();
        var since = asked.From - shipping.EachWay - TimeSpan.FromHours(Limits.Hours);
        // What the same experiment holds is in nobody's way where the new reservation is to replace it.
        var replaced = (asked.Replaces ?? []).ToList();
        var holds = await db.Reservations.AsNoTracking().Where(held => held.Status == ReservationStatus.Held && ids.Contains(held.CellId) && held.HeldTo > since
                && !(replaced.Contains(held.Id) && held.ExperimentId == asked.ExperimentId))
            .Select(held => new { held.CellId, held.HeldFrom, held.HeldTo }).ToListAsync(cancel);
        return holds.ToLookup(held => held.CellId ?? Guid.Empty, held => new HeldTime(held.HeldFrom ?? default, held.HeldTo ?? default));
    }
}

/// <summary>Time a cell is under way between two sites, each way (<c>Tutti:CellPool:ShippingDays</c>).</summary>
public sealed record ShippingTime(TimeSpan EachWay);
