using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Prescribing;

/// <summary>The recipes that the caller may use, by name; those out of use only to their owner who asks for them.</summary>
public static class ListRecipes
{
    private const int PageSize = 100;

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/recipes", Handle);

    internal static async Task<Ok<List<Response>>> Handle(
        ReductionDb db, ClaimsPrincipal person, CancellationToken cancel, string? technique = null, bool mine = false, bool retired = false, int page = 1)
    {
        Paging.Require(page);
        var by = person.Id;
        var recipes = db.Recipes.AsNoTracking().OpenTo(person, db).Where(recipe => recipe.RetiredAt == null || (retired && recipe.Owner == by));
        if (technique is not null) recipes = recipes.Where(recipe => recipe.Technique == technique);
        if (mine) recipes = recipes.Where(recipe => recipe.Owner == by);
        return TypedResults.Ok(await recipes.OrderBy(recipe => recipe.Name).ThenBy(recipe => recipe.Id).Skip((page - 1) * PageSize).Take(PageSize)
            .Select(recipe => new Response(recipe.Id, recipe.Name, recipe.Technique, recipe.Owner, recipe.Sharing, recipe.Latest, recipe.RetiredAt != null)).ToListAsync(cancel));
    }

    /// <summary>One line of the list.</summary>
    public sealed record Response(Guid Id, string Name, string? Technique, Guid Owner, RecipeSharing Sharing, int Latest, bool Retired);
}
