using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Queueing;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Prescribing;

/// <summary>Somebody writes down a recipe; it is private until it is shared.</summary>
public static class WriteRecipe
{
    /// <summary>Largest document that is taken in as a recipe or a version of it, bytes.</summary>
    internal const long LargestDocument = 512 * 1024;

    private const int MostOfOne = 500, LongestOptions = 256 * 1024;

    internal static void Map(RouteGroupBuilder group) => group.MapPost("/recipes", Handle).WithMetadata(new RequestSizeLimitAttribute(LargestDocument));

    internal static async Task<Created<Response>> Handle(Request request, ReductionDb db, ReductionLimits limits, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var (now, by) = (time.GetUtcNow(), person.Id);
        List<Problem> problems = [];
        if (string.IsNullOrWhiteSpace(request.Name) || request.Name.Length > Recipe.MaxName) problems.Add(new("name", "name.length", $"A name of 1 to {Recipe.MaxName} characters is needed."));
        if (request.Description is { Length: > Recipe.MaxText }) problems.Add(new("description", "description.length", $"The description has at most {Recipe.MaxText} characters."));
        if (request.Technique is { } technique && !await db.Techniques.AnyAsync(known => known.Code == technique, cancel))
            problems.Add(new("technique", "technique.unknown", "The vocabulary of techniques does not have this one."));
        Require([.. problems, .. Problems(request.Steps, request.Options, request.Note, limits)]);
        if (await db.Recipes.CountAsync(recipe => recipe.Owner == by && recipe.RetiredAt == null, cancel) >= MostOfOne)
            throw new RuleViolation("recipes.too-many", $"{MostOfOne} recipes are yours already.");
        var recipe = Recipe.Make(Guid.CreateVersion7(now), by, request.Name.Trim(), request.Description?.Trim(), request.Technique, now);
        var version = recipe.Add(TextOf(request.Steps), request.Options, request.Note?.Trim(), by, now);
        db.Add(recipe);
        await db.SaveChangesAsync(cancel);
        return TypedResults.Created($"/api/reduction/recipes/{recipe.Id}", new Response(recipe.Id, version.Number));
    }

    /// <summary>What is wrong with a version.</summary>
    internal static IEnumerable<Problem> Problems(JsonElement? steps, ReductionOptions options, string? note, ReductionLimits limits)
    {
        if (note is { Length: > Recipe.MaxText }) yield return new("note", "note.length", $"The note has at most {Recipe.MaxText} characters.");
        if (steps is { } given)
            foreach (var problem in RecipeSteps.Check(given)) yield return problem;
        if (JsonSerializer.SerializeToUtf8Bytes(options, Json.Stored).Length > LongestOptions)
            yield return new("options", "options.length", $"The model of a recipe is written in at most {LongestOptions} bytes.");
        IReadOnlyList<PreparationStep> known = [];
        if (steps is { } right && RecipeSteps.Check(right).Count == 0) known = RecipeSteps.Of(right.GetRawText());
        foreach (var problem in JobRules.Check(options, known, null, limits)) yield return problem;
    }

    /// <summary>Refuses what has problems.</summary>
    internal static void Require(IReadOnlyList<Problem> problems)
    {
        if (problems.Count > 0) throw RuleViolation.Invalid("recipe.invalid", "The recipe cannot be written down like this.", problems);
    }

    /// <summary>The preparation as it is kept.</summary>
    internal static string TextOf(JsonElement? steps) => steps?.GetRawText() ?? "[]";

    /// <summary>A recipe and its first version.</summary>
    public sealed record Request
    {
        /// <summary>Name.</summary>
        public required string Name { get; init; }

        /// <summary>What it is good for.</summary>
        public string? Description { get; init; }

        /// <summary>The technique whose data it is for, by its code.</summary>
        public string? Technique { get; init; }

        /// <summary>The preparation: a list of steps, each an object with a member <c>step</c>; none: the data are used as they are.</summary>
        public JsonElement? Steps { get; init; }

        /// <summary>The model.</summary>
        public ReductionOptions Options { get; init; } = new();

        /// <summary>What is to be said about this version.</summary>
        public string? Note { get; init; }
    }

    /// <summary>The recipe, and the version that was written.</summary>
    public sealed record Response(Guid Id, int Version);
}
