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
        var (now, by) = (time.GetUtcNow(), person.Id);
        var set = await db.DataSets.AsNoTracking().OpenTo(person, db).SingleOrDefaultAsync(x => x.Id == request.DataSetId, cancel);
        if (set is null) return TypedResults.NotFound();
        var problems = JobRules.Check(request.Options, set, limits);
        if (problems.Count > 0) throw RuleViolation.Invalid("job.invalid", "The reduction cannot be queued like this.", problems);
        var job = ReductionJob.Queue(Guid.CreateVersion7(now), set, request.Options, by, now);
        // One transaction around count and insert: where writers queue, many requests at once do not get past the limit.
        await using (var transaction = await db.Database.BeginTransactionAsync(cancel))
        {
            if (await db.Jobs.CountAsync(waiting => waiting.RequestedBy == by && waiting.Status == JobStatus.Waiting, cancel) >= limits.MaxWaitingJobs)
                throw new RuleViolation("jobs.too-many", $"{limits.MaxWaitingJobs} of your jobs are waiting already.");
            db.Add(job);
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
        }
        queue.Tell();
        return TypedResults.Accepted($"/api/reduction/jobs/{job.Id}", new Response(job.Id));
    }

    /// <summary>What is to be reduced, and how.</summary>
    public sealed record Request
    {
        /// <summary>The data set.</summary>
        public required Guid DataSetId { get; init; }

        /// <summary>Window, number of components, start, constraints, stop rules, threads.</summary>
        public ReductionOptions Options { get; init; } = new();
    }

    /// <summary>The job.</summary>
    public sealed record Response(Guid Id);
}
