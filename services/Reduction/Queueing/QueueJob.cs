using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Reduction.Reducing;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Queueing;

/// <summary>Somebody who may work with a data set asks for its reduction. Once this has answered, the job is carried to an end.</summary>
public static class QueueJob
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/jobs", Handle);

    internal static async Task<Results<Accepted<Response>, NotFound>> Handle(
        Request request, ReductionDb db, WaitingJobs queue, ReductionLimits limits, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var set = await db.DataSets.AsNoTracking().OpenTo(person, db).SingleOrDefaultAsync(x => x.Id == request.DataSetId, cancel);
        if (set is null) return TypedResults.NotFound();
        var job = await AddAsync(set, request.Options, request.Priority, null, db, queue, limits, person, time, cancel);
        return TypedResults.Accepted($"/api/reduction/jobs/{job.Id}", new Response(job.Id));
    }

    /// <summary>Puts a job into the queue, if options, priority and the caller's limits allow it.</summary>
    internal static async Task<ReductionJob> AddAsync(
        DataSet set, ReductionOptions options, JobPriority priority, JobRecipe? recipe, ReductionDb db, WaitingJobs queue, ReductionLimits limits, ClaimsPrincipal person, TimeProvider time,
        CancellationToken cancel)
    {
        var (now, by) = (time.GetUtcNow(), person.Id);
        var (steps, references) = (RecipeSteps.Of(recipe?.Steps), await ReferencesAsync(recipe, db, cancel));
        var problems = JobRules.Check(options, steps, set, limits, references);
        if (problems.Count > 0) throw RuleViolation.Invalid("job.invalid", "The reduction cannot be queued like this.", problems);
        var sites = person.ScopesOf(Roles.FacilityStaff);
        if (priority == JobPriority.High && !await db.Instruments.AnyAsync(known => known.Code == set.InstrumentCode && known.SiteCode != null && sites.Contains(known.SiteCode), cancel))
            throw RuleViolation.Forbidden("job.priority", "Only the staff of the site lets a job go before others.");
        var job = ReductionJob.Queue(Guid.CreateVersion7(now), set, options, MemoryEstimate.Of(set, options, steps, references), by, now, priority, recipe);
        // One transaction around count and insert: where writers queue, many requests at once do not get past the limit.
        await using (var transaction = await db.Database.BeginTransactionAsync(cancel))
        {
            await RequireRoomAsync(by, db, limits, cancel);
            db.Add(job);
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
        }
        queue.Tell();
        return job;
    }

    private static async Task<IReadOnlyList<DataSet>> ReferencesAsync(JobRecipe? recipe, ReductionDb db, CancellationToken cancel)
    {
        if (recipe is not { References.Count: > 0 }) return [];
        var ids = recipe.References.Select(reference => reference.DataSetId).Distinct().ToList();
        return await db.DataSets.AsNoTracking().Where(set => ids.Contains(set.Id)).ToListAsync(cancel);
    }

    /// <summary>Refuses more waiting jobs than one person may have.</summary>
    internal static async Task RequireRoomAsync(Guid person, ReductionDb db, ReductionLimits limits, CancellationToken cancel)
    {
        if (await db.Jobs.CountAsync(waiting => waiting.RequestedBy == person && waiting.Status == JobStatus.Waiting, cancel) >= limits.MaxWaitingJobs)
            throw new RuleViolation("jobs.too-many", $"{limits.MaxWaitingJobs} of your jobs are waiting already.");
    }

    /// <summary>What is to be reduced, and how.</summary>
    public sealed record Request
    {
        /// <summary>The data set.</summary>
        public required Guid DataSetId { get; init; }

        /// <summary>Window, number of components, start, constraints, stop rules, threads.</summary>
        public ReductionOptions Options { get; init; } = new();

        /// <summary>High goes before all that are normal; for the staff of the site.</summary>
        public JobPriority Priority { get; init; }
    }

    /// <summary>The job.</summary>
    public sealed record Response(Guid Id);
}
