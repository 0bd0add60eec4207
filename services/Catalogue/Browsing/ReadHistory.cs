using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tutti.Catalogue.Browsing;

/// <summary>User office and facility staff read who changed an instrument's record, when, what and why; the latest first.</summary>
public static class ReadHistory
{
    private const int PageSize = 200;

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/instruments/{code}/history", Handle);

    internal static async Task<Results<Ok<List<Response>>, NotFound>> Handle(string code, CatalogueDb db, CancellationToken cancel)
    {
        if (!await db.Instruments.AnyAsync(x => x.Code == code, cancel)) return TypedResults.NotFound();
        var history = await db.History.AsNoTracking().Where(change => change.InstrumentCode == code).OrderByDescending(change => change.At).ThenByDescending(change => change.Id).Take(PageSize).ToListAsync(cancel);
        return TypedResults.Ok(history.ConvertAll(change => new Response(change.At, change.By, change.Why, change.Changes)));
    }

    /// <summary>A change; nobody: the source changed and was not taken over.</summary>
    public sealed record Response(DateTimeOffset At, Guid? By, string Why, IReadOnlyList<FieldChange> Changes);
}
