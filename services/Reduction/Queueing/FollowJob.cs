using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tutti.Reduction.Queueing;

/// <summary>Tells the progress of a job as it happens, as server-sent events; the last one tells how it ended.</summary>
public static class FollowJob
{
    private static readonly TimeSpan lookEvery = TimeSpan.FromMilliseconds(500);

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/jobs/{id:guid}/progress", Handle);

    internal static async Task<Results<ServerSentEventsResult<ReadJob.Progress>, NotFound>> Handle(
        Guid id, ReductionDb db, IServiceScopeFactory scopes, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        if (await db.Jobs.KnownTo(person, db).Where(job => job.Id == id).Select(job => (Guid?)job.DataSetId).SingleOrDefaultAsync(cancel) is not { } set) return TypedResults.NotFound();
        var open = await db.DataSets.OpenTo(person, db).AnyAsync(known => known.Id == set, cancel);
        return TypedResults.ServerSentEvents(FollowAsync(id, open, scopes, time, cancel));
    }

    private static async IAsyncEnumerable<SseItem<ReadJob.Progress>> FollowAsync(
        Guid id, bool open, IServiceScopeFactory scopes, TimeProvider time, [EnumeratorCancellation] CancellationToken cancel)
    {
        ReadJob.Progress? told = null;
        while (told is not { Status: JobStatus.Completed or JobStatus.Failed or JobStatus.Cancelled })
        {
            if (told is not null) await Task.Delay(lookEvery, time, cancel);
            // A connection to the database is held for the look only: a job may run for hours.
            await using var scope = scopes.CreateAsyncScope();
            var now = await scope.ServiceProvider.GetRequiredService<ReductionDb>().Jobs.Where(job => job.Id == id)
                .Select(job => new ReadJob.Progress(job.Status, job.Phase, job.Iteration, open ? job.LofPercent : null, job.Fraction)).SingleAsync(cancel);
            if (now == told) continue;
            yield return new SseItem<ReadJob.Progress>(told = now, "progress");
        }
    }
}
