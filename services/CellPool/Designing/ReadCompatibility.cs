using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.CellPool.Lending;
using Tutti.Contracts.CellPool;
using Tutti.ServiceDefaults;

namespace Tutti.CellPool.Designing;

/// <summary>A keeper reads which designs fit an instrument and a mode, and for the others every reason why not.</summary>
public static class ReadCompatibility
{
    private const int MostDesigns = 500;

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/compatibility", Handle);

    internal static async Task<Ok<List<Response>>> Handle(CellPoolDb db, CancellationToken cancel, string? instrument = null, string? mode = null)
    {
        var known = await db.Instruments.AsNoTracking().SingleOrDefaultAsync(x => x.Code == instrument, cancel);
        var asked = LendingRules.ModeOf(mode);
        List<Problem> problems = [];
        if (known is null) problems.Add(new("instrument", "instrument.unknown", "Name an instrument."));
        if (asked is null) problems.Add(new("mode", "mode.unknown", "Name a mode: ex-situ, in-situ or operando."));
        if (known is null || asked is not { } wanted) throw RuleViolation.Invalid("compatibility.invalid", "This cannot be answered.", problems);
        var designs = await db.Designs.AsNoTracking().OrderBy(design => design.Code).Take(MostDesigns).ToListAsync(cancel);
        return TypedResults.Ok(designs.ConvertAll(design => new Response(design.Code, design.Name, design.Misfits(known, wanted))));
    }

    /// <summary>A design, and why it does not fit.</summary>
    public sealed record Response(string Code, string Name, IReadOnlyList<ReservationRefusal> Reasons)
    {
        /// <summary>Whether it fits.</summary>
        public bool Fits => Reasons.Count == 0;
    }
}
