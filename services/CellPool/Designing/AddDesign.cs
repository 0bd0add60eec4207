using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.CellPool.Designing;

/// <summary>A keeper brings a design into the pool that the catalogue does not know.</summary>
public static class AddDesign
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/designs", Handle);

    internal static async Task<Created<Response>> Handle(Request request, CellPoolDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var problems = await CheckAsync(request, db, cancel);
        if (problems.Count > 0) throw RuleViolation.Invalid("design.invalid", "The design cannot be added like this.", problems);
        await RequireNewAsync(request.Code, db, cancel);
        db.Add(CellDesign.Add(request.Code, request.Name.Trim(), request.Facts.Trim(), request.Instruments, [.. request.Modes.Distinct()], person.Id, time.GetUtcNow()));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException)
        {
            // Somebody, or the catalogue, may have been faster with the same code; anything else is a fault.
            await RequireNewAsync(request.Code, db, cancel);
            throw;
        }
        return TypedResults.Created("/api/cellpool/designs", new Response(request.Code));
    }

    private static async Task RequireNewAsync(string code, CellPoolDb db, CancellationToken cancel)
    {
        if (await db.Designs.AsNoTracking().AnyAsync(design => design.Code == code, cancel)) throw new RuleViolation("design.exists", "A design has this code already.");
    }

    private static async Task<List<Problem>> CheckAsync(Request request, CellPoolDb db, CancellationToken cancel)
    {
        List<Problem> problems = [];
        problems.NeedCode("code", request.Code);
        problems.NeedText("name", request.Name, Limits.Name);
        problems.NeedText("facts", request.Facts, Limits.Text);
        problems.NeedInstruments("instruments", request.Instruments);
        if (request.Modes.Count is < 1 or > 10) problems.Add(new("modes", "modes.missing", "Name the modes it can be used in."));
        if (problems.Count > 0) return problems;
        var known = await db.Instruments.Where(instrument => request.Instruments.Contains(instrument.Code)).Select(instrument => instrument.Code).ToListAsync(cancel);
        foreach (var (index, code) in request.Instruments.Index())
            if (!known.Contains(code)) problems.Add(new($"instruments[{index}]", "instrument.unknown", $"No instrument is called {code}."));
        return problems;
    }

    /// <summary>The design.</summary>
    public sealed record Request
    {
        /// <summary>Code.</summary>
        public required string Code { get; init; }

        /// <summary>Short name.</summary>
        public required string Name { get; init; }

        /// <summary>What is known of it.</summary>
        public required string Facts { get; init; }

        /// <summary>Instruments it fits.</summary>
        public required IReadOnlyList<string> Instruments { get; init; }

        /// <summary>Modes it can be used in.</summary>
        public required IReadOnlyList<ExperimentMode> Modes { get; init; }
    }

    /// <summary>The new design.</summary>
    public sealed record Response(string Code);
}
