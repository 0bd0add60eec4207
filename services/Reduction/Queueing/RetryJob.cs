using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Reduction.Reducing;
using Tutti.ServiceDefaults;

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
        await RequireReferencesAsync(job, person, db, time.GetUtcNow(), cancel);
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

    // The second inputs may have been closed to the caller, or to those who see the result, since the job was asked for.
    private static async Task RequireReferencesAsync(ReductionJob job, ClaimsPrincipal person, ReductionDb db, DateTimeOffset now, CancellationToken cancel)
    {
        var ids = job.References.Select(reference => reference.DataSetId).Distinct().ToList();
        if (ids.Count > 0 && await db.DataSets.ReadableBy(person, db, now).OfProposalOrPublic(job.ProposalId, now).CountAsync(set => ids.Contains(set.Id), cancel) < ids.Count)
            throw RuleViolation.Forbidden("data-set.contents-closed", "The job uses a data set beside the series that is not open to you and the team.");
    }

    /// <summary>The job, and which attempt this is.</summary>
    public sealed record Response(Guid Id, int Attempt);
}
