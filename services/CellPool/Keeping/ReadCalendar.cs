using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.CellPool.Keeping;

/// <summary>Keepers, user office and facility staff read one cell's calendar: every hold it has or had, and every change of its state.</summary>
public static class ReadCalendar
{
    private const int MostLines = 1000;

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/cells/{id:guid}/calendar", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, CellPoolDb db, ClaimsPrincipal person, HttpResponse http, CancellationToken cancel)
    {
        var cell = await db.Cells.AsNoTracking().SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (cell is null) return TypedResults.NotFound();
        var changes = await db.ServiceHistory.AsNoTracking().Where(change => change.CellId == id).OrderByDescending(change => change.At).ThenByDescending(change => change.Id).Take(MostLines).ToListAsync(cancel);
        http.TellVersion(cell.Version);
        return TypedResults.Ok(new Response(
            cell.Id, cell.Code, cell.State, await Holds.ReadAsync(db.Reservations.Where(held => held.CellId == id), MostLines, person, db, cancel),
            changes.ConvertAll(change => new StateEntry(change.From, change.To, change.At, change.By, change.Reason))));
    }

    /// <summary>A cell's calendar, the latest first.</summary>
    public sealed record Response(Guid Id, string Code, ServiceState State, IReadOnlyList<Hold> Holds, IReadOnlyList<StateEntry> States);

    /// <summary>A change of state.</summary>
    public sealed record StateEntry(ServiceState? From, ServiceState To, DateTimeOffset At, Guid By, string Reason);
}
