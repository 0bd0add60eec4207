using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Reducing;

/// <summary>Finds the jobs that nobody works on, at start, when told, and every few seconds, and gives them to Hangfire.</summary>
internal sealed partial class FindWaitingJobs(
    IServiceScopeFactory scopes, WaitingJobs queue, MemoryBudget memory, FileStore files, ReductionLimits limits, IConfiguration configuration, TimeProvider time,
    ILogger<FindWaitingJobs> log) : BackgroundService
{
    private readonly HashSet<Guid> offered = [];

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Embedded, this is the only process: whoever held a lease is dead, and nobody needs to wait for its end.
        if (Database.ProviderOf(configuration) == DatabaseProvider.Sqlite) await EndLeasesAsync(cancellationToken);
        await RemoveOldCheckpointsAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
                await queue.WaitAsync(limits.SweepEvery, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                // The database or Hangfire's storage is away: the rows stay, and are looked for again.
                LookFailed(exception);
                await Task.Delay(limits.SweepEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ReductionDb>();
        List<FairOrder.Free> free = [];
        foreach (var size in Enum.GetValues<JobSize>()) free.AddRange(await FairOrder.OfAsync(db, limits, now, size, cancel));
        queue.Forget();
        memory.KeepOnly(free.Select(job => job.Id));
        offered.IntersectWith(free.Select(job => job.Id));
        foreach (var job in free)
            if (!memory.IsInVain(job.Id) && (IsForWorkersHere(job) || offered.Add(job.Id))) queue.Give(job.Id, job.Version, job.Size);
    }

    // What is too large for the workers here is given out once, so that one of them can say so, and then by others; a process without workers gives out all.
    private bool IsForWorkersHere(FairOrder.Free job) =>
        limits.Workers <= 0 || job.Memory <= limits.MaxMemoryBytes || Database.ProviderOf(configuration) == DatabaseProvider.Sqlite;

    /// <summary>A kill between the end of a job and the removal of its checkpoints leaves them behind.</summary>
    private async Task RemoveOldCheckpointsAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ReductionDb>();
        foreach (var job in Checkpoints.Jobs(files))
            if (!await db.Jobs.AnyAsync(x => x.Id == job && (x.Status == JobStatus.Waiting || x.Status == JobStatus.Running), cancel)) new Checkpoints(files, job).Remove();
    }

    private async Task EndLeasesAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ReductionDb>();
        var past = time.GetUtcNow().AddSeconds(-1);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Jobs.Where(job => job.Status == JobStatus.Running).ExecuteUpdateAsync(set => set.SetProperty(job => job.LeaseUntil, past), cancel);
        await transaction.CommitAsync(cancel);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Looking for waiting jobs failed; it is tried again")]
    private partial void LookFailed(Exception exception);
}
