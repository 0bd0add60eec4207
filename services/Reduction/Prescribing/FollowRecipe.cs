using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Reduction.Queueing;
using Tutti.Reduction.Reducing;

namespace Tutti.Reduction.Prescribing;

/// <summary>Somebody who may work with a data set has it reduced by a recipe; the job records recipe and version and keeps a copy of what they say.</summary>
public static class FollowRecipe
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/recipes/{id:guid}/jobs", Handle);

    internal static async Task<Results<Accepted<Response>, NotFound>> Handle(
        Guid id, Request request, ReductionDb db, WaitingJobs queue, ReductionLimits limits, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var recipe = await db.Recipes.AsNoTracking().OpenTo(person, db).SingleOrDefaultAsync(x => x.Id == id, cancel);
        var set = await db.DataSets.AsNoTracking().OpenTo(person, db).SingleOrDefaultAsync(x => x.Id == request.DataSetId, cancel);
        if (recipe is null || set is null) return TypedResults.NotFound();
        recipe.RequireInUse();
        var number = request.Version ?? recipe.Latest;
        var version = await db.RecipeVersions.AsNoTracking().SingleOrDefaultAsync(x => x.RecipeId == id && x.Number == number, cancel);
        if (version is null) return TypedResults.NotFound();
        var job = await QueueJob.AddAsync(set, version.Options, request.Priority, new JobRecipe(id, number, version.Steps), db, queue, limits, person, time, cancel);
        return TypedResults.Accepted($"/api/reduction/jobs/{job.Id}", new Response(job.Id, number));
    }

    /// <summary>The data, and the version to follow.</summary>
    public sealed record Request
    {
        /// <summary>The data set.</summary>
        public required Guid DataSetId { get; init; }

        /// <summary>The version; the latest where none is named.</summary>
        public int? Version { get; init; }

        /// <summary>High goes before all that are normal; for the staff of the site.</summary>
        public JobPriority Priority { get; init; }
    }

    /// <summary>The job, and the version it follows.</summary>
    public sealed record Response(Guid Id, int Version);
}
