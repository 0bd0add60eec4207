using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.CellPool.Knowing;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.CellPool.Lending;

/// <summary>Scheduling asks for a piece of equipment: a laboratory that serves the instrument, or shares it with the whole site, holds one, or the answer says why none and when the next is free.</summary>
public sealed class WhenEquipmentReservationAsked(CellPoolDb db, TimeProvider time) : IConsumer<ReserveEquipment>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ReserveEquipment> context)
    {
        var (asked, cancel) = (context.Message, context.CancellationToken);
        var wish = new Wish(asked.ReservationId, asked.ProposalId, asked.ExperimentId, asked.InstrumentCode, asked.From, asked.To, asked.Replaces ?? [], asked.EquipmentKind);
        await context.PublishAsync(await wish.AnswerAsync(db, time, (instrument, now) => LendAsync(wish, asked.EquipmentKind, instrument, now, cancel), cancel));
    }

    private async Task<Reservation> LendAsync(Wish wish, string kind, KnownInstrument instrument, DateTimeOffset now, CancellationToken cancel)
    {
        if (await db.EquipmentKinds.AsNoTracking().SingleOrDefaultAsync(known => known.Code == kind, cancel) is not { } known) return wish.Refused("equipment.unknown", "No kind of equipment has this code.", now);
        var laboratories = (await db.Laboratories.Include(x => x.Equipment).Where(x => x.Equipment.Any(one => one.Kind == kind)).ToListAsync(cancel))
            .Where(x => x.Find(kind) is { } equipment && x.Serves(instrument.Code, instrument.SiteCode, equipment)).ToDictionary(x => x.Code);
        if (laboratories.Count == 0) return wish.Refused("equipment.no-laboratory", $"No laboratory that serves {instrument.Code} has any.", now);
        if (laboratories.Values.All(one => !one.IsOpen))
            return Reservation.Refuse(wish, [.. laboratories.Values.OrderBy(one => one.Code, StringComparer.Ordinal).Select(one => new ReservationRefusal { Code = "laboratory.not-open", Text = $"{one.Name} is {one.Status}." })], [], Guid.CreateVersion7(now), now);
        var holds = await HoldsAsync(wish, kind, cancel);
        var lendable = laboratories.Values.Where(one => one.IsOpen).OrderBy(one => one.Code, StringComparer.Ordinal)
            .Select(one => Lendable(one, one.Find(kind) ?? Equipment.Of(one.Code, kind), known, instrument, [.. holds[one.Code]])).ToList();
        return EquipmentRules.Choose(lendable, wish.From, wish.To, now) is { } chosen
            ? Reservation.Hold(wish, laboratories[chosen.Laboratory].Find(kind) ?? throw new InvalidOperationException("It was there a moment ago."), wish.From - chosen.Before, wish.To + chosen.After, Guid.CreateVersion7(now), now)
            : Reservation.Refuse(
                wish, [.. lendable.Select(one => EquipmentRules.WhyNot(one, wish.From, wish.To, now)).OfType<ReservationRefusal>()],
                EquipmentRules.NextFree(lendable, wish.From, wish.To, now), Guid.CreateVersion7(now), now);
    }

    private static LendableEquipment Lendable(Laboratory laboratory, Equipment equipment, KnownEquipmentKind kind, KnownInstrument instrument, IReadOnlyList<Busy> holds) => new(
        laboratory.Code, laboratory.InstrumentCodes.Contains(instrument.Code), equipment.Pieces, TimeSpan.FromHours(equipment.LeadHoursAs(kind)), TimeSpan.FromHours(equipment.BeforeHoursAs(kind)),
        TimeSpan.FromHours(equipment.AfterHours), holds, equipment.Unusable());

    private async Task<ILookup<string, Busy>> HoldsAsync(Wish wish, string kind, CancellationToken cancel)
    {
        var since = wish.From - TimeSpan.FromHours(Limits.Hours);
        var holds = await db.InTheWayOf(wish).Where(held => held.EquipmentKind == kind && held.HeldTo > since).Select(held => new { held.LaboratoryCode, held.HeldFrom, held.HeldTo }).ToListAsync(cancel);
        return holds.ToLookup(held => held.LaboratoryCode ?? "", held => new Busy(held.HeldFrom ?? default, held.HeldTo ?? default));
    }
}
