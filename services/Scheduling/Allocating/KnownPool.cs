using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Holding;
using Tutti.Scheduling.Knowing;

namespace Tutti.Scheduling.Allocating;

/// <summary>What Scheduling has heard of cells and equipment that experiments need, and what of them it holds for anybody.</summary>
internal sealed record KnownPool(IReadOnlyList<KnownCell> Cells, IReadOnlyList<KnownEquipment> Equipment, IReadOnlyList<Reservation> Lent)
{
    /// <summary>Longer than anything is kept before or after the shifts.</summary>
    public static readonly TimeSpan LongestKept = TimeSpan.FromDays(60);

    public static async Task<KnownPool> LoadAsync(SchedulingDb db, IEnumerable<Experiment> experiments, DateTimeOffset since, CancellationToken cancel)
    {
        var needs = experiments.SelectMany(one => Need.Of(one.CellDesignCode, one.Equipment)).Distinct().ToLookup(need => need.Kind, need => need.Code);
        var (designs, kinds, from) = (needs[ReservationKind.Cell].ToList(), needs[ReservationKind.Equipment].ToList(), since - LongestKept);
        return new(await db.Cells.AsNoTracking().Where(x => designs.Contains(x.DesignCode)).OrderBy(x => x.Code).ToListAsync(cancel),
            await db.Equipment.AsNoTracking().Where(x => kinds.Contains(x.Kind)).OrderBy(x => x.LaboratoryCode).ToListAsync(cancel),
            await db.Reservations.AsNoTracking().Where(x => x.Status == ReservationStatus.Held && x.To > from
                && ((x.Kind == ReservationKind.Cell && designs.Contains(x.Wanted)) || (x.Kind == ReservationKind.Equipment && kinds.Contains(x.Wanted)))).OrderBy(x => x.Id).ToListAsync(cancel));
    }
}
