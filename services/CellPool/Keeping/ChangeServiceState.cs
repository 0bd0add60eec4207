using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.CellPool.Lending;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.CellPool.Keeping;

/// <summary>
/// A keeper takes a cell into repair, puts it back into service, or retires it. In repair it keeps its holds but gets no new ones; retired, what is held
/// from now on is released and told.
/// </summary>
public static class ChangeServiceState
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/cells/{id:guid}/service-state", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, Request request, CellPoolDb db, ClaimsPrincipal person, HttpRequest http, ShippingTime shipping, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var cell = await db.Cells.SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (cell is null) return TypedResults.NotFound();
        person.RequireKeeperOf(cell.HomeSite);
        http.RequireVersion(cell.Version);
        List<Problem> problems = [];
        problems.NeedText("reason", request.Reason, Limits.Text);
        if (problems.Count > 0) throw RuleViolation.Invalid("cell.invalid", "A reason is needed.", problems);
        cell.Do(request.Action, person.Id, request.Reason.Trim(), Guid.CreateVersion7(now), now);
        db.Publish(cell.Tell(await db.Designs.AsNoTracking().SingleAsync(design => design.Code == cell.DesignCode, cancel), shipping), time);
        if (cell.State == ServiceState.Retired)
        {
            var reason = $"The cell was retired: {request.Reason.Trim()}";
            foreach (var held in await db.Reservations.Where(held => held.CellId == id && held.Status == ReservationStatus.Held && held.HeldTo > now).ToListAsync(cancel))
                if (held.Release(ReservationCause.CellRetired, person.Id, reason, Guid.CreateVersion7(now), now)) db.Publish(held.Released(reason), time);
        }
        await db.SaveChangesAsync(cancel);
        http.HttpContext.Response.TellVersion(cell.Version);
        return TypedResults.NoContent();
    }

    /// <summary>What is done, and why.</summary>
    public sealed record Request(ServiceAction Action, string Reason);
}
