using System.Collections.Frozen;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Queueing;
using Tutti.Reduction.Reducing;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Prescribing;

/// <summary>Somebody who may work with a data set has it reduced by a recipe; the job records recipe and version and keeps a copy of what they say.</summary>
public static class FollowRecipe
{
    private const int MostReferences = 50;

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
        var references = await ReferencesAsync(set.ProposalId, request.References, RecipeSteps.Of(version.Steps), db, person, time.GetUtcNow(), cancel);
        var followed = new JobRecipe(id, number, version.Steps, references);
        var job = await QueueJob.AddAsync(set, version.Options, request.Priority, followed, db, queue, limits, person, time, cancel);
        return TypedResults.Accepted($"/api/reduction/jobs/{job.Id}", new Response(job.Id, number));
    }

    /// <summary>What the steps name, as data sets that the caller and all who see the result may read; everything that is wrong is told at once.</summary>
    private static async Task<IReadOnlyList<JobReference>> ReferencesAsync(
        Guid proposal, IReadOnlyDictionary<string, Guid> given, IReadOnlyList<PreparationStep> steps, ReductionDb db, ClaimsPrincipal person, DateTimeOffset now,
        CancellationToken cancel)
    {
        var needed = SecondInput.NeededBy(steps);
        var used = needed.Count == 0 ? "nothing beside the series" : string.Join(", ", needed.Order(StringComparer.Ordinal));
        var ids = given.Values.Distinct().Take(MostReferences).ToList();
        var sets = await db.DataSets.AsNoTracking().ReadableBy(person, db, now).Where(set => ids.Contains(set.Id))
            .ToDictionaryAsync(set => set.Id, set => set.Sha256, cancel);
        // Names, hashes and clock columns of a reference stand in the result, which is the team's.
        var told = await db.DataSets.AsNoTracking().OfProposalOrPublic(proposal, now).Where(set => ids.Contains(set.Id)).Select(set => set.Id).ToListAsync(cancel);
        List<Problem> problems =
        [
            .. needed.Except(given.Keys).Order(StringComparer.Ordinal)
                .Select(name => new Problem("references", "missing_reference", $"A step of the recipe uses '{name}': name the data set that it is.")),
            .. given.Keys.Where(name => !needed.Contains(name)).Order(StringComparer.Ordinal)
                .Select(name => new Problem($"references.{name}", "unused_reference", $"The steps of the recipe use {used}.")),
            .. given.Where(pair => needed.Contains(pair.Key) && !sets.ContainsKey(pair.Value)).OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => new Problem($"references.{pair.Key}", "unknown_reference", $"There is no data set {pair.Value} that you may read.")),
            .. given.Where(pair => needed.Contains(pair.Key) && sets.ContainsKey(pair.Value) && !told.Contains(pair.Value)).OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => new Problem(
                    $"references.{pair.Key}", "reference_other_proposal", $"Data set {pair.Value} is another proposal's and not open to everybody; the team would read of it in the result.")),
        ];
        if (problems.Count > 0) throw RuleViolation.Invalid("job.invalid", "The recipe cannot be followed like this.", problems);
        return [.. given.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new JobReference(pair.Key, pair.Value, sets[pair.Value]))];
    }

    /// <summary>The data, and the version to follow.</summary>
    public sealed record Request
    {
        /// <summary>The data set.</summary>
        public required Guid DataSetId { get; init; }

        /// <summary>The version; the latest where none is named.</summary>
        public int? Version { get; init; }

        /// <summary>
        /// The data sets that steps use beside the series, by the names they have in the recipe: <c>foil</c>, <c>iron</c>, <c>i0</c>, <c>monitor</c>, the logs
        /// of the cycler. Each must be readable by the caller.
        /// </summary>
        public IReadOnlyDictionary<string, Guid> References { get; init; } = FrozenDictionary<string, Guid>.Empty;

        /// <summary>High goes before all that are normal; for the staff of the site.</summary>
        public JobPriority Priority { get; init; }
    }

    /// <summary>The job, and the version it follows.</summary>
    public sealed record Response(Guid Id, int Version);
}
