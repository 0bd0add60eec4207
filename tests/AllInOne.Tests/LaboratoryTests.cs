using Microsoft.EntityFrameworkCore;
using Tutti.CellPool;
using Tutti.Scheduling;
using Tutti.Testing;
using static Tutti.AllInOne.Tests.PlansOfTheProcess;

namespace Tutti.AllInOne.Tests;

/// <summary>From the laboratories of the catalogue, by events, into the pool, and from there into the plan.</summary>
public sealed class What_support_laboratories_have(WholeProcess process) : IClassFixture<WholeProcess>
{
    [Fact]
    public async Task Is_held_for_a_plan_one_piece_at_a_time_and_what_no_open_laboratory_has_is_left_out_with_the_reason()
    {
        await Poll.UntilAsync(stop => process.ReadAsync(async (CellPoolDb db) => await db.Laboratories.CountAsync(stop) == 10 && await db.EquipmentKinds.CountAsync(stop) == 8 && await db.Instruments.CountAsync(stop) == 50), Patience,
            () => "the pool knows the laboratories");
        await Poll.UntilAsync(stop => process.ReadAsync(async (SchedulingDb db) => await db.Instruments.CountAsync(x => x.Revision > 0, stop) == 50 && await db.Sites.CountAsync(stop) == 8), Patience, () => "Scheduling knows the instruments");
        // Both beamlines are served by one laboratory with one glove-box, which is needed from eight hours before: of fifteen shifts they take thirteen one after the other.
        var (saxs, dxrl) = (Experiment("elettra-saxs", 6, "glove-box", "potentiostat"), Experiment("elettra-dxrl", 6, "glove-box"));
        var planned = Experiment("solaris-peem-xas", 3, "glove-box");
        var plan = await process.PlanAsync(5, saxs, dxrl, planned);
        var left = Assert.Single(plan.Entries, entry => !entry.IsPlaced);
        Assert.Equal((planned.ExperimentId, "laboratory.not-open"), (left.ExperimentId, Assert.Single(left.Reasons).Code));
        var placed = plan.Entries.Where(entry => entry.IsPlaced).OrderBy(entry => entry.From).ToList();
        Assert.Equal(2, placed.Count);
        Assert.True(placed[1].From >= placed[0].To?.AddHours(8), $"{placed[1].From:u} is less than a shift after {placed[0].To:u}");
        var ids = placed.SelectMany(entry => entry.Reservations).ToList();
        var held = await process.ReadAsync((CellPoolDb db) => db.Reservations.AsNoTracking().Where(one => one.Status == ReservationStatus.Held).ToListAsync());
        Assert.Equal(ids.Order(), held.Select(one => one.Id).Order());
        Assert.Equal(["glove-box", "glove-box", "potentiostat"], held.Select(one => one.EquipmentKind).Order(StringComparer.Ordinal));
        Assert.All(held, one => Assert.Equal("elettra-saxs-lab", one.LaboratoryCode));
    }
}
