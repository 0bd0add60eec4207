using Hangfire;

namespace Tutti.Reduction.Reducing;

/// <summary>The Hangfire workers of this process; none where the installation has worker processes of their own.</summary>
internal sealed class Workers(JobStorage storage, IServiceScopeFactory scopes, ReductionLimits limits) : BackgroundService
{
    private static readonly TimeSpan handBackWithin = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (limits.Workers <= 0) return;
        using var server = new BackgroundJobServer(
            new BackgroundJobServerOptions
            {
                WorkerCount = limits.Workers,
                // No timers and no recurring jobs are kept in Hangfire, so nothing needs to poll for them.
                IsLightweightServer = true,
                Activator = new FromScope(scopes),
                CancellationCheckInterval = TimeSpan.FromMinutes(1),
                ShutdownTimeout = handBackWithin,
            },
            storage);
        await Task.Delay(Timeout.Infinite, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        server.SendStop();
        await server.WaitForShutdownAsync(CancellationToken.None);
    }

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
