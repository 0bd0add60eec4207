using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Reduction.Reducing;

namespace Tutti.Reduction.Queueing;

/// <summary>Somebody who may work with the data wants a job tried again that failed or was cancelled. What became of it so far is kept.</summary>
public static class RetryJob
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/jobs/{id:guid}/retry", Handle);

    internal static async Task<Results<Accepted<Response>, NotFound>> Handle(
        Guid id, ReductionDb db, WaitingJobs queue, ReductionLimits limits, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var job = await db.Jobs.KnownTo(person, db).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (job is null) return TypedResults.NotFound();
        await Visibility.RequireOpenAsync(job.DataSetId, person, db, cancel);
        job.Retry(time.GetUtcNow());
        await using (var transaction = await db.Database.BeginTransactionAsync(cancel))
        {
            await QueueJob.RequireRoomAsync(job.RequestedBy, db, limits, cancel);
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
        }
        queue.Tell();
        return TypedResults.Accepted($"/api/reduction/jobs/{job.Id}", new Response(job.Id, job.Attempts.Count + 1));
    }

    /// <summary>The job, and which attempt this is.</summary>
    public sealed record Response(Guid Id, int Attempt);
}
