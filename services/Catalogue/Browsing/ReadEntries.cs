using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Catalogue.Browsing;

/// <summary>Anybody reads partners, sites, techniques, support laboratories, combinations, couplings, cells, equipment, vocabularies and recipes.</summary>
public static class ReadEntries
{
    private const int PageSize = 200;

    private static readonly (string Path, EntryKind Kind)[] paths =
    [
        ("partners", EntryKind.Partner), ("sites", EntryKind.Site), ("techniques", EntryKind.Technique), ("support-labs", EntryKind.SupportLab), ("combinations", EntryKind.Combination),
        ("couplings", EntryKind.Coupling), ("cell-designs", EntryKind.CellDesign), ("vocabularies", EntryKind.Vocabulary), ("preprocessing-recipes", EntryKind.PreprocessingRecipe), ("equipment-kinds", EntryKind.EquipmentKind),
    ];

    internal static void Map(RouteGroupBuilder group)
    {
        foreach (var (path, kind) in paths)
        {
            group.MapGet("/" + path, (CatalogueDb db, CancellationToken cancel, int page = 1) => Handle(kind, page, db, cancel));
            group.MapGet($"/{path}/{{code}}", (string code, CatalogueDb db, CancellationToken cancel) => HandleOne(kind, code, db, cancel));
        }
    }

    internal static async Task<Ok<List<Response>>> Handle(EntryKind kind, int page, CatalogueDb db, CancellationToken cancel)
    {
        if (page is < 1 or > 10_000) throw RuleViolation.Invalid("request.page", "Pages count from 1 to 10000.", [new("page", "request.page", "Pages count from 1 to 10000.")]);
        var entries = await db.Entries.AsNoTracking().Where(entry => entry.Kind == kind).OrderBy(entry => entry.Position).ThenBy(entry => entry.Code)
            .Skip((page - 1) * PageSize).Take(PageSize).ToListAsync(cancel);
        return TypedResults.Ok(entries.ConvertAll(Describe));
    }

    internal static async Task<Results<Ok<Response>, NotFound>> HandleOne(EntryKind kind, string code, CatalogueDb db, CancellationToken cancel) =>
        await db.Entries.AsNoTracking().SingleOrDefaultAsync(entry => entry.Kind == kind && entry.Code == code, cancel) is { } entry
            ? TypedResults.Ok(Describe(entry))
            : TypedResults.NotFound();

    private static Response Describe(Entry entry) =>
        new(entry.Code, JsonElement.Parse(entry.Record), entry.Additions is { } ours ? JsonElement.Parse(ours) : null);

    /// <summary>A record as the source has it; additions are ours: the time zone of a site, whether a coupling means one at a time and why, of which kind a laboratory's equipment is; kinds of equipment are ours altogether.</summary>
    public sealed record Response(string Code, JsonElement Record, JsonElement? Additions);
}
