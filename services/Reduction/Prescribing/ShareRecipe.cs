using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Prescribing;

/// <summary>The owner lets others use a recipe: the team of a proposal they are on, everybody, or nobody any more. Jobs that followed it are not touched.</summary>
public static class ShareRecipe
{
    internal static void Map(RouteGroupBuilder group) => group.MapPut("/recipes/{id:guid}/sharing", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, Request request, ReductionDb db, ClaimsPrincipal person, HttpRequest http, CancellationToken cancel)
    {
        var by = person.Id;
        var recipe = await db.Recipes.OpenTo(person, db).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (recipe is null) return TypedResults.NotFound();
        recipe.RequireOwner(by);
        http.RequireVersion(recipe.Version);
        // Of a proposal they are not on, nobody learns whether it exists.
        if (request.ProposalId is { } proposal && !await db.Members.AnyAsync(member => member.ProposalId == proposal && member.PersonId == by, cancel)) return TypedResults.NotFound();
        recipe.Share(request.Sharing, request.ProposalId);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    /// <summary>Who may use it from now on.</summary>
    public sealed record Request
    {
        /// <summary>Nobody else, a team, or everybody.</summary>
        public required RecipeSharing Sharing { get; init; }

        /// <summary>The proposal, where it is shared with its team.</summary>
        public Guid? ProposalId { get; init; }
    }
}
