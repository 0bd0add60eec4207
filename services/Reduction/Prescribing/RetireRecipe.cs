using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Prescribing;

/// <summary>The owner takes a recipe out of use for good. It can still be read, so that what followed it can be understood.</summary>
public static class RetireRecipe
{
    internal static void Map(RouteGroupBuilder group) => group.MapDelete("/recipes/{id:guid}", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, ReductionDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var recipe = await db.Recipes.OpenTo(person, db).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (recipe is null) return TypedResults.NotFound();
        recipe.RequireOwner(person.Id);
        recipe.Retire(time.GetUtcNow());
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }
}
