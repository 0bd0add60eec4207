using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.CellPool.Lending;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.CellPool.Keeping;

/// <summary>A keeper brings a cell into the pool: a unit of a design that can be lent, with a home, and the instruments it is qualified for.</summary>
public static class RegisterCell
{
    internal static void Map(RouteGroupBuilder group) => group.MapGroup("").AgainWhenStale<CellPoolDb>().MapPost("/cells", Handle);

    internal static async Task<Created<Response>> Handle(Request request, CellPoolDb db, ClaimsPrincipal person, ShippingTime shipping, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var design = request.Design.Length <= Limits.Code ? await db.Designs.SingleOrDefaultAsync(x => x.Code == request.Design, cancel) : null;
        var problems = await CheckAsync(request, design, db, cancel);
        if (problems.Count > 0 || design is null) throw RuleViolation.Invalid("cell.invalid", "The cell cannot be registered like this.", problems);
        person.RequireKeeperOf(request.HomeSite);
        if (!design.IsLendable) throw new RuleViolation("design.not-lendable", $"Cells of {design.Name} cannot be lent: it is {design.Status}.");
        await RequireNewAsync(request.Code, db, cancel);
        var cell = Cell.Register(
            Guid.CreateVersion7(now), request.Code, request.Design, request.HomeSite, request.Keeper ?? person.Id, request.QualifiedInstruments, request.PreparationHours, request.CleaningHours,
            person.Id, Guid.CreateVersion7(now), now);
        db.Add(cell);
        // Whoever takes over newer facts of the design at this moment tells of its cells, and does not see this one.
        db.Touch(design);
        db.Publish(cell.Tell(design, shipping), time);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException)
        {
            // Somebody may have been faster with the same code; anything else is a fault.
            await RequireNewAsync(request.Code, db, cancel);
            throw;
        }
        return TypedResults.Created($"/api/cellpool/cells/{cell.Id}/calendar", new Response(cell.Id));
    }

    private static async Task RequireNewAsync(string code, CellPoolDb db, CancellationToken cancel)
    {
        if (await db.Cells.AsNoTracking().AnyAsync(cell => cell.Code == code, cancel)) throw new RuleViolation("cell.exists", "A cell has this code already.");
    }

    private static async Task<List<Problem>> CheckAsync(Request request, CellDesign? design, CellPoolDb db, CancellationToken cancel)
    {
        List<Problem> problems = [];
        problems.NeedCode("code", request.Code);
        problems.NeedHours("preparationHours", request.PreparationHours);
        problems.NeedHours("cleaningHours", request.CleaningHours);
        problems.NeedInstruments("qualifiedInstruments", request.QualifiedInstruments);
        if (design is null) problems.Add(new("design", "design.unknown", "No design has this code."));
        else
            foreach (var (index, code) in request.QualifiedInstruments.Index())
                if (!design.InstrumentCodes.Contains(code)) problems.Add(new($"qualifiedInstruments[{index}]", "design.not-fitting", $"{design.Name} does not fit this instrument."));
        if (!await db.Sites.AnyAsync(site => site.Code == request.HomeSite, cancel)) problems.Add(new("homeSite", "site.unknown", "No site has this code."));
        if (request.Keeper is { } keeper && !await db.Keepers.AnyAsync(person => person.Id == keeper && person.KeepsCells, cancel))
            problems.Add(new("keeper", "keeper.unknown", "No keeper has this id."));
        return problems;
    }

    /// <summary>The cell.</summary>
    public sealed record Request
    {
        /// <summary>Code on its label.</summary>
        public required string Code { get; init; }

        /// <summary>Its design.</summary>
        public required string Design { get; init; }

        /// <summary>Where it lives.</summary>
        public required string HomeSite { get; init; }

        /// <summary>Who looks after it; null: who registers it.</summary>
        public Guid? Keeper { get; init; }

        /// <summary>Instruments it is qualified for, of those its design fits.</summary>
        public required IReadOnlyList<string> QualifiedInstruments { get; init; }

        /// <summary>Time it needs before use.</summary>
        public int PreparationHours { get; init; }

        /// <summary>Time it needs after use.</summary>
        public required int CleaningHours { get; init; }
    }

    /// <summary>The new cell.</summary>
    public sealed record Response(Guid Id);
}
