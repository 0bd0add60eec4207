using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Reducing;

/// <summary>Finds the jobs that nobody works on, at start, when told, and every few seconds, and gives them to Hangfire.</summary>
internal sealed partial class FindWaitingJobs(
    IServiceScopeFactory scopes, WaitingJobs queue, ReductionLimits limits, IConfiguration configuration, TimeProvider time, ILogger<FindWaitingJobs> log) : BackgroundService
{
    private const int MostAtOnce = 1000;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Embedded, this is the only process: whoever held a lease is dead, and nobody needs to wait for its end.
        if (Database.ProviderOf(configuration) == DatabaseProvider.Sqlite) await EndLeasesAsync(cancellationToken);
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
        var free = await scope.ServiceProvider.GetRequiredService<ReductionDb>().Jobs
            .Where(job => (job.Status == JobStatus.Waiting && (job.NotBefore == null || job.NotBefore <= now)) || (job.Status == JobStatus.Running && job.LeaseUntil < now))
            .OrderBy(job => job.QueuedAt).Take(MostAtOnce).Select(job => new { job.Id, job.Version }).ToListAsync(cancel);
        queue.Forget();
        foreach (var job in free) queue.Give(job.Id, job.Version);
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
