using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tutti.Catalogue.Publishing;

/// <summary>
/// The user office tells the whole catalogue again, for a service that was installed later. Revisions stay: who knows it already
/// changes nothing.
/// </summary>
public static class PublishAgain
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/publication", Handle);

    internal static async Task<Accepted<Response>> Handle(CatalogueDb db, TimeProvider time, CancellationToken cancel)
    {
        var entries = await db.Entries.AsNoTracking().Where(entry => entry.Kind == EntryKind.Site || entry.Kind == EntryKind.Technique || entry.Kind == EntryKind.CellDesign
                || entry.Kind == EntryKind.SupportLab || entry.Kind == EntryKind.EquipmentKind)
            .OrderBy(entry => entry.Kind).ThenBy(entry => entry.Position).ToListAsync(cancel);
        var instruments = await db.Instruments.AsNoTracking().Include(x => x.Techniques).Include(x => x.SampleEnvironment).AsSplitQuery().OrderBy(x => x.Position).ToListAsync(cancel);
        foreach (var entry in entries) db.Announce(entry, time);
        foreach (var instrument in instruments) db.Announce(instrument, time);
        await db.SaveChangesAsync(cancel);
        return TypedResults.Accepted((string?)null, new Response(entries.Count + instruments.Count));
    }

    /// <summary>How many records are told.</summary>
    public sealed record Response(int Records);
}
