using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.CellPool.Keeping;

/// <summary>Whoever has an account reads which laboratories there are, what they have, which of the minimal kit they lack, and when what they have is taken.</summary>
public static class ListLaboratories
{
    private const int MostLines = 1000;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/laboratories", Handle);
        group.MapGet("/laboratories/{code}/calendar", CalendarAsync);
    }

    internal static async Task<Ok<List<Response>>> Handle(CellPoolDb db, CancellationToken cancel, string? site = null, int page = 1)
    {
        Limits.NeedPage(page);
        var kinds = await db.EquipmentKinds.AsNoTracking().OrderBy(kind => kind.Code).ToDictionaryAsync(kind => kind.Code, cancel);
        var laboratories = await db.Laboratories.AsNoTracking().Include(x => x.Equipment).Where(x => site == null || x.SiteCode == site)
            .OrderBy(x => x.Code).Skip((page - 1) * Limits.PageSize).Take(Limits.PageSize).ToListAsync(cancel);
        return TypedResults.Ok(laboratories.ConvertAll(one => new Response(
            one.Code, one.Name, one.SiteCode, one.Status, one.IsOpen, one.Notes, one.InstrumentCodes,
            [.. kinds.Values.Where(kind => kind.Minimal && !(one.IsOpen && one.Find(kind.Code) is { Pieces: > 0 })).Select(kind => kind.Code)],
            [.. one.Equipment.OrderBy(x => x.Kind, StringComparer.Ordinal).Select(x => new Pieces(
                x.Kind, x.Pieces, x.Words, x.LeadHoursAs(kinds.GetValueOrDefault(x.Kind)), x.BeforeHoursAs(kinds.GetValueOrDefault(x.Kind)), x.AfterHours, x.SharedBySite, x.Outages,
                x.KeptBy is not null, x.Version))])));
    }

    internal static async Task<Results<Ok<Calendar>, NotFound>> CalendarAsync(string code, CellPoolDb db, ClaimsPrincipal person, CancellationToken cancel)
    {
        if (!await db.Laboratories.AnyAsync(x => x.Code == code, cancel)) return TypedResults.NotFound();
        var holds = await Holds.ReadAsync(db.Reservations.Where(held => held.LaboratoryCode == code), MostLines, person, db, cancel);
        // Who has said what is told to those who see the same of cells.
        List<EquipmentChange> changes = !(person.Holds(Roles.CellKeeper) || person.Holds(Roles.UserOffice) || person.Holds(Roles.FacilityStaff)) ? []
            : await db.EquipmentHistory.AsNoTracking().Where(change => change.LaboratoryCode == code).OrderByDescending(change => change.At).ThenByDescending(change => change.Id).Take(MostLines).ToListAsync(cancel);
        return TypedResults.Ok(new Calendar(code, holds, changes.ConvertAll(change => new Change(change.Kind, change.Terms, change.At, change.By, change.Reason))));
    }

    /// <summary>A laboratory; the gap is what it lacks of the minimal kit.</summary>
    public sealed record Response(
        string Code, string Name, string Site, string Status, bool Open, string Notes, IReadOnlyList<string> Instruments, IReadOnlyList<string> Gap, IReadOnlyList<Pieces> Equipment);

    /// <summary>Its pieces of a kind, with the words of the source for them; the hours are those of the kind where no keeper has said. The version is the entity tag for keepers.</summary>
    public sealed record Pieces(
        string Kind, int Count, IReadOnlyList<string> Words, int LeadHours, int BeforeHours, int AfterHours, bool SharedBySite, IReadOnlyList<Outage> Outages, bool Kept, int Version);

    /// <summary>When its equipment is or was held, the latest first, and what keepers said of it.</summary>
    public sealed record Calendar(string Code, IReadOnlyList<Hold> Holds, IReadOnlyList<Change> Changes);

    /// <summary>What a keeper said of its equipment.</summary>
    public sealed record Change(string Kind, EquipmentTerms Terms, DateTimeOffset At, Guid By, string Reason);
}
