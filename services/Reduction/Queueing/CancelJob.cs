using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Reduction.Reducing;

namespace Tutti.Reduction.Queueing;

/// <summary>Somebody who may work with the data does not want a job any more: what waits ends now, what runs is ended by its worker.</summary>
public static class CancelJob
{
    internal static void Map(RouteGroupBuilder group) => group.MapDelete("/jobs/{id:guid}", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(
        Guid id, ReductionDb db, FileStore files, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var job = await db.Jobs.KnownTo(person, db).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (job is null) return TypedResults.NotFound();
        await Visibility.RequireOpenAsync(job.DataSetId, person, db, cancel);
        job.Cancel(time.GetUtcNow());
        await db.SaveChangesAsync(cancel);
        // One that was handed back in the middle may have left some; of one that runs its worker removes them.
        if (job.Status == JobStatus.Cancelled) new Checkpoints(files, id).Remove();
        return TypedResults.Ok(new Response(job.Id, job.Status));
    }

    /// <summary>The job; one that runs still says so until its worker has stopped.</summary>
    public sealed record Response(Guid Id, JobStatus Status);
}
