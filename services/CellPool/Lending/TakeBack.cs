using Microsoft.EntityFrameworkCore;

namespace Tutti.CellPool.Lending;

/// <summary>Lets go what a laboratory cannot keep: of the holds that are too many, those that were asked for last.</summary>
internal static class TakeBack
{
    /// <summary>The releases, to be told to Scheduling.</summary>
    public static async Task<IReadOnlyList<object>> TakeBackAsync(
        this CellPoolDb db, Laboratory laboratory, Equipment equipment, Guid? by, string reason, DateTimeOffset now, CancellationToken cancel)
    {
        var held = await db.Reservations.Where(held => held.LaboratoryCode == laboratory.Code && held.EquipmentKind == equipment.Kind && held.Status == ReservationStatus.Held && held.HeldTo > now)
            .OrderBy(held => held.Id).ToListAsync(cancel);
        var (pieces, busy) = (laboratory.IsOpen ? equipment.Pieces : 0, equipment.Unusable().ToList());
        List<object> told = [];
        foreach (var one in held)
        {
            // What has passed already cannot be taken back.
            var (from, to) = (one.HeldFrom > now ? one.HeldFrom ?? now : now, one.HeldTo ?? now);
            if (FreeTimes.Fits(pieces, busy, from, to)) busy.Add(new Busy(from, to));
            else if (one.Release(ReservationCause.EquipmentTakenBack, by, reason, Guid.CreateVersion7(now), now)) told.Add(one.Released(reason));
        }
        return told;
    }
}
