using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tutti.CellPool.Designing;

/// <summary>Whoever has an account reads which designs the pool knows and which of them can be lent.</summary>
public static class ListDesigns
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/designs", Handle);

    internal static async Task<Ok<List<Response>>> Handle(CellPoolDb db, CancellationToken cancel, int page = 1)
    {
        Limits.NeedPage(page);
        var designs = await db.Designs.AsNoTracking().OrderBy(design => design.Code).Skip((page - 1) * Limits.PageSize).Take(Limits.PageSize).ToListAsync(cancel);
        return TypedResults.Ok(designs.ConvertAll(design => new Response(design.Code, design.Name, design.Facts, design.Status, design.IsLendable, design.InstrumentCodes, design.Modes)));
    }

    /// <summary>A design.</summary>
    public sealed record Response(string Code, string Name, string Facts, string Status, bool Lendable, IReadOnlyList<string> Instruments, IReadOnlyList<ExperimentMode> Modes);
}
