using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.CellPool.Keeping;

/// <summary>A hold of a cell or of equipment as people see it. For whom it is held is told to keepers, user office and staff of the instrument's site only.</summary>
public sealed record Hold(
    Guid ReservationId, Guid? CellId, string? EquipmentKind, ReservationStatus Status, DateTimeOffset From, DateTimeOffset To, string Instrument, Guid? ProposalId, Guid? ExperimentId, IReadOnlyList<HoldEntry> History);

/// <summary>What happened to a hold.</summary>
public sealed record HoldEntry(ReservationStatus To, DateTimeOffset At, ReservationCause Cause, Guid? By, string Reason);

/// <summary>Reads holds as the caller may see them.</summary>
internal static class Holds
{
    public static async Task<List<Hold>> ReadAsync(IQueryable<Reservation> reservations, int most, ClaimsPrincipal person, CellPoolDb db, CancellationToken cancel)
    {
        var found = await reservations.AsNoTracking().Include(held => held.History).OrderByDescending(held => held.HeldFrom).ThenBy(held => held.Id).Take(most).AsSplitQuery().ToListAsync(cancel);
        var sites = person.ScopesOf(Roles.FacilityStaff);
        var all = person.Holds(Roles.CellKeeper) || person.Holds(Roles.UserOffice);
        var own = all ? [] : await db.Instruments.Where(known => known.SiteCode != null && sites.Contains(known.SiteCode)).Select(known => known.Code).ToHashSetAsync(cancel);
        return found.ConvertAll(held =>
        {
            var told = all || own.Contains(held.InstrumentCode);
            return new Hold(
                held.Id, held.CellId, held.EquipmentKind, held.Status, held.HeldFrom ?? default, held.HeldTo ?? default, held.InstrumentCode, told ? held.ProposalId : null, told ? held.ExperimentId : null,
                told ? [.. held.History.OrderBy(change => change.At).ThenBy(change => change.Id).Select(change => new HoldEntry(change.To, change.At, change.Cause, change.By, change.Reason))] : []);
        });
    }
}
