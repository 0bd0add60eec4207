using Microsoft.EntityFrameworkCore;

namespace Tutti.Scheduling.Allocating;

/// <summary>Finds plans that can go on and gives them to Hangfire, and ends runs that were left behind; runs the workers of this process.</summary>
internal sealed partial class FindWaitingPlans(IServiceScopeFactory scopes, IServiceProvider services, WaitingPlans queue, PlanWorkerOptions options, TimeProvider time, ILogger<FindWaitingPlans> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var servers = queue.Serve(services);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var db = scope.ServiceProvider.GetRequiredService<SchedulingDb>();
                await PlanWorker.EndLeftRunsAsync(db, time.GetUtcNow(), stoppingToken);
                var waiting = await PlanWorker.Waiting(db, time.GetUtcNow()).Select(x => new { x.Id, x.Version, x.Status, IsRepair = x.DisturbanceId != null }).ToListAsync(stoppingToken);
                foreach (var one in waiting)
                    if (!queue.Give(one.Id, one.Version, one.Status, one.IsRepair)) NotGiven(one.Id);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                // The database or Hangfire's storage is away: the rows stay, and are looked for again.
                LookFailed(exception);
            }
            await Task.Delay(options.Poll, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        foreach (var server in servers) server.SendStop();
        foreach (var server in servers)
        {
            await server.WaitForShutdownAsync(CancellationToken.None);
            server.Dispose();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Plan {Id} is locked in Hangfire's storage, by another process or one that was killed; it is given to a worker when the lock is free or has expired")]
    private partial void NotGiven(Guid id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Looking for plans that can go on failed; it is tried again")]
    private partial void LookFailed(Exception exception);
}
