using Hangfire;

namespace Tutti.Reduction.Reducing;

/// <summary>The Hangfire workers of this process, on the queues it serves; none where the installation has worker processes of their own.</summary>
internal sealed class Workers(JobStorage storage, IServiceScopeFactory scopes, ReductionLimits limits) : BackgroundService
{
    private static readonly TimeSpan handBackWithin = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (limits.Workers <= 0) return;
        var sizes = limits.Sizes;
        using var server = Serve(limits.Workers, sizes);
        // What takes seconds does not wait behind what takes hours.
        using var quick = sizes.Count > 1 && sizes.Contains(JobSize.Small) ? Serve(1, [JobSize.Small]) : null;
        await Task.Delay(Timeout.Infinite, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        server.SendStop();
        quick?.SendStop();
        await server.WaitForShutdownAsync(CancellationToken.None);
        if (quick is not null) await quick.WaitForShutdownAsync(CancellationToken.None);
    }

    private BackgroundJobServer Serve(int workers, IEnumerable<JobSize> sizes) =>
        new(
            new BackgroundJobServerOptions
            {
                WorkerCount = workers,
                Queues = [.. sizes.Select(WaitingJobs.QueueOf)],
                // No timers and no recurring jobs are kept in Hangfire, so nothing needs to poll for them.
                IsLightweightServer = true,
                Activator = new FromScope(scopes),
                CancellationCheckInterval = TimeSpan.FromMinutes(1),
                ShutdownTimeout = handBackWithin,
            },
            storage);

    /// <summary>Each job gets a scope of its own.</summary>
    private sealed class FromScope(IServiceScopeFactory scopes) : JobActivator
    {
        public override JobActivatorScope BeginScope(JobActivatorContext context) => new Scope(scopes.CreateAsyncScope());

        private sealed class Scope(AsyncServiceScope scope) : JobActivatorScope
        {
            public override object Resolve(Type type) => scope.ServiceProvider.GetRequiredService(type);

            public override void DisposeScope() => scope.Dispose();
        }
    }
}
