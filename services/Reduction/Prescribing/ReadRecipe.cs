using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Prescribing;

/// <summary>Reads a recipe with its latest version whole, and one line for each; an earlier version is read by its number. What the caller may not use does
/// not exist for them.</summary>
public static class ReadRecipe
{
    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/recipes/{id:guid}", Handle);
        group.MapGet("/recipes/{id:guid}/versions/{number:int}", HandleVersion);
    }

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, ReductionDb db, ClaimsPrincipal person, HttpResponse http, CancellationToken cancel)
    {
        var recipe = await db.Recipes.AsNoTracking().OpenTo(person, db).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (recipe is null) return TypedResults.NotFound();
        var versions = db.RecipeVersions.AsNoTracking().Where(version => version.RecipeId == id);
        var lines = await versions.OrderBy(version => version.Number).Select(version => new Line(version.Number, version.Note, version.By, version.At)).ToListAsync(cancel);
        var latest = await versions.SingleAsync(version => version.Number == recipe.Latest, cancel);
        http.TellVersion(recipe.Version);
        return TypedResults.Ok(new Response
        {
            Id = recipe.Id, Name = recipe.Name, Description = recipe.Description, Technique = recipe.Technique, Owner = recipe.Owner, Sharing = recipe.Sharing, ProposalId = recipe.ProposalId,
            MadeAt = recipe.MadeAt, RetiredAt = recipe.RetiredAt, Versions = lines, Latest = WrittenOf(latest),
        });
    }

    internal static async Task<Results<Ok<Written>, NotFound>> HandleVersion(Guid id, int number, ReductionDb db, ClaimsPrincipal person, CancellationToken cancel)
    {
        var recipes = db.Recipes.AsNoTracking().OpenTo(person, db);
        var versions = db.RecipeVersions.AsNoTracking().Where(version => recipes.Any(recipe => recipe.Id == version.RecipeId));
        return await versions.SingleOrDefaultAsync(version => version.RecipeId == id && version.Number == number, cancel) is { } found
            ? TypedResults.Ok(WrittenOf(found))
            : TypedResults.NotFound();
    }

    private static Written WrittenOf(RecipeVersion version) =>
        new(version.Number, JsonSerializer.Deserialize<JsonElement>(version.Steps), version.Options, version.Note, version.By, version.At);

    /// <summary>A version without its content.</summary>
    public sealed record Line(int Number, string? Note, Guid By, DateTimeOffset At);

    /// <summary>A version with its content.</summary>
    public sealed record Written(int Number, JsonElement Steps, ReductionOptions Options, string? Note, Guid By, DateTimeOffset At);

    /// <summary>A recipe.</summary>
    public sealed record Response
    {
        /// <summary>Id.</summary>
        public required Guid Id { get; init; }

        /// <summary>Name.</summary>
        public required string Name { get; init; }

        /// <summary>What it is good for.</summary>
        public required string? Description { get; init; }

        /// <summary>The technique whose data it is for.</summary>
        public required string? Technique { get; init; }

        /// <summary>Whose it is.</summary>
        public required Guid Owner { get; init; }

        /// <summary>Who may use it.</summary>
        public required RecipeSharing Sharing { get; init; }

        /// <summary>The proposal with whose team it is shared.</summary>
        public required Guid? ProposalId { get; init; }

        /// <summary>When it was made.</summary>
        public required DateTimeOffset MadeAt { get; init; }

        /// <summary>When it was taken out of use.</summary>
        public required DateTimeOffset? RetiredAt { get; init; }

        /// <summary>Its versions, the oldest first.</summary>
        public required IReadOnlyList<Line> Versions { get; init; }

        /// <summary>The latest of them.</summary>
        public required Written Latest { get; init; }
    }
}
