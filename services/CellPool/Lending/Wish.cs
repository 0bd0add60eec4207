using Tutti.CellPool.Knowing;

namespace Tutti.CellPool.Lending;

/// <summary>What Scheduling asks for under one id: a cell, or a piece of equipment of a kind.</summary>
public sealed record Wish(
    Guid ReservationId, Guid ProposalId, Guid ExperimentId, string InstrumentCode, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<Guid> Replaces, string? EquipmentKind = null)
{
    /// <summary>
    /// The message with which it is answered; asked again, it is answered the same. Who promises something changes its row, and who asks for a proposal changes the proposal's row: of two
    /// at once the slower is tried again on what the faster wrote.
    /// </summary>
    internal async Task<object> AnswerAsync(CellPoolDb db, TimeProvider time, Func<KnownInstrument, DateTimeOffset, Task<Reservation>> lend, CancellationToken cancel)
    {
        var reservation = await db.Reservations.FindAsync([ReservationId], cancel);
        if (reservation is null) db.Add(reservation = await DecideAsync(db, time.GetUtcNow(), lend, cancel));
        return reservation.Answer();
    }

    /// <summary>It is refused for one reason, and for good.</summary>
    internal Reservation Refused(string code, string text, DateTimeOffset now) => Reservation.Refuse(this, [new() { Code = code, Text = text }], [], Guid.CreateVersion7(now), now);

    private async Task<Reservation> DecideAsync(CellPoolDb db, DateTimeOffset now, Func<KnownInstrument, DateTimeOffset, Task<Reservation>> lend, CancellationToken cancel)
    {
        var proposal = await db.Proposals.FindAsync([ProposalId], cancel);
        if (proposal is null) db.Add(proposal = new ProposalLoans { ProposalId = ProposalId });
        proposal.Asked++;
        if (proposal.WithdrawnAt is not null) return Refused("proposal.withdrawn", "The proposal was withdrawn.", now);
        if (!LendingRules.IsUse(From, To)) return Refused("interval.invalid", "The shifts must end after they start and last at most a year.", now);
        if (await db.Instruments.FindAsync([InstrumentCode], cancel) is not { } instrument) return Refused("instrument.unknown", "The pool has not heard of the instrument.", now);
        return instrument.Retired ? Refused("instrument.retired", $"{instrument.Code} has left the scheme.", now) : await lend(instrument, now);
    }
}
