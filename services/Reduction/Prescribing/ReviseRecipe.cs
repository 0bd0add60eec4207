using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Prescribing;

/// <summary>The owner of a recipe writes a new version of it; the earlier ones stay as they are.</summary>
public static class ReviseRecipe
{
    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/recipes/{id:guid}/versions", Handle).WithMetadata(new RequestSizeLimitAttribute(WriteRecipe.LargestDocument));

    internal static async Task<Results<Created<WriteRecipe.Response>, NotFound>> Handle(
        Guid id, Request request, ReductionDb db, ReductionLimits limits, ClaimsPrincipal person, TimeProvider time, HttpRequest http, CancellationToken cancel)
    {
        var (now, by) = (time.GetUtcNow(), person.Id);
        var recipe = await db.Recipes.OpenTo(person, db).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (recipe is null) return TypedResults.NotFound();
        recipe.RequireOwner(by);
        http.RequireVersion(recipe.Version);
        WriteRecipe.Require([.. WriteRecipe.Problems(request.Steps, request.Options, request.Note, limits)]);
        var version = recipe.Add(WriteRecipe.TextOf(request.Steps), request.Options, request.Note?.Trim(), by, now);
        await db.SaveChangesAsync(cancel);
        return TypedResults.Created($"/api/reduction/recipes/{id}", new WriteRecipe.Response(id, version.Number));
    }

    /// <summary>The new version, whole.</summary>
    public sealed record Request
    {
        /// <summary>The preparation: a list of steps, each an object with a member <c>step</c>; none: the data are used as they are.</summary>
        public JsonElement? Steps { get; init; }

        /// <summary>The model.</summary>
        public required ReductionOptions Options { get; init; }

        /// <summary>What is new in it.</summary>
        public string? Note { get; init; }
    }
}
