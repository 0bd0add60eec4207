using Microsoft.EntityFrameworkCore;

namespace Tutti.Reduction.Reducing;

/// <summary>
/// The order in which waiting jobs are begun: urgent ones first, then round robin by person, so that the hundred jobs of one do not keep the only job of
/// another waiting. Nobody gets more at once than the limit.
/// </summary>
internal static class FairOrder
{
    private const int MostLookedAt = 5000;

    /// <summary>The jobs of this size that may be begun now, the next one first; waiting ones of other sizes take nobody's turn.</summary>
    public static async Task<IReadOnlyList<Free>> OfAsync(ReductionDb db, ReductionLimits limits, DateTimeOffset now, JobSize size, CancellationToken cancel)
    {
        var free = await db.Jobs.AsNoTracking()
            .Where(job => job.Size == size)
            .Where(job => (job.Status == JobStatus.Waiting && (job.NotBefore == null || job.NotBefore <= now)) || (job.Status == JobStatus.Running && job.LeaseUntil < now))
            .OrderBy(job => job.QueuedAt).Take(MostLookedAt).Select(job => new Free(job.Id, job.Version, job.RequestedBy, job.Size, job.Priority, job.QueuedAt, job.Memory)).ToListAsync(cancel);
        if (free.Count == 0) return free;
        var running = await RunningOf(db, now).GroupBy(job => job.RequestedBy).Select(jobs => new { jobs.Key, Count = jobs.Count() }).ToDictionaryAsync(jobs => jobs.Key, jobs => jobs.Count, cancel);
        return Order(free, running, limits.MaxRunningJobs);
    }

    /// <summary>The jobs that a living worker has.</summary>
    public static IQueryable<ReductionJob> RunningOf(ReductionDb db, DateTimeOffset now) => db.Jobs.Where(job => job.Status == JobStatus.Running && job.LeaseUntil >= now);

    /// <summary>The order by itself: each person's jobs take turns, counted from how many of theirs run already.</summary>
    public static IReadOnlyList<Free> Order(IEnumerable<Free> free, IReadOnlyDictionary<Guid, int> running, int mostOfOne) =>
        [.. free.GroupBy(job => job.Person)
            .SelectMany(jobs => jobs.OrderByDescending(job => job.Priority).ThenBy(job => job.QueuedAt).ThenBy(job => job.Id)
                .Select((job, index) => (Job: job, Turn: running.GetValueOrDefault(jobs.Key) + index)))
            .Where(place => place.Turn < mostOfOne)
            .OrderByDescending(place => place.Job.Priority).ThenBy(place => place.Turn).ThenBy(place => place.Job.QueuedAt).ThenBy(place => place.Job.Id)
            .Select(place => place.Job)];

    /// <summary>A job that nobody works on.</summary>
    public sealed record Free(Guid Id, int Version, Guid Person, JobSize Size, JobPriority Priority, DateTimeOffset QueuedAt, long Memory = 0);
}
