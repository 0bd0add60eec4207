using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tutti.CellPool.Keeping;

/// <summary>Keepers, user office and facility staff read the cells with what they are held for from now on.</summary>
public static class ListCells
{
    private const int MostHolds = 5000;

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/cells", Handle);

    internal static async Task<Ok<List<Response>>> Handle(CellPoolDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel, int page = 1)
    {
        Limits.NeedPage(page);
        var now = time.GetUtcNow();
        var cells = await db.Cells.AsNoTracking().OrderBy(cell => cell.Code).Skip((page - 1) * Limits.PageSize).Take(Limits.PageSize).ToListAsync(cancel);
        var ids = cells.ConvertAll(cell => (Guid?)cell.Id);
        var holds = (await Holds.ReadAsync(db.Reservations.Where(held => ids.Contains(held.CellId) && held.Status == ReservationStatus.Held && held.HeldTo > now), MostHolds, person, db, cancel))
            .ToLookup(hold => hold.CellId);
        return TypedResults.Ok(cells.ConvertAll(cell => new Response(
            cell.Id, cell.Code, cell.DesignCode, cell.HomeSite, cell.KeeperId, cell.State, cell.QualifiedInstruments, cell.PreparationHours, cell.CleaningHours, [.. holds[cell.Id]])));
    }

    /// <summary>A cell.</summary>
    public sealed record Response(
        Guid Id, string Code, string Design, string HomeSite, Guid Keeper, ServiceState State, IReadOnlyList<string> QualifiedInstruments, int PreparationHours, int CleaningHours,
        IReadOnlyList<Hold> Holds);
}
