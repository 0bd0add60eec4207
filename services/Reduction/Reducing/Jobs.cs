using Hangfire;
using Hangfire.InMemory;
using Hangfire.Logging;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;
using Hangfire.SqlServer;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Reducing;

/// <summary>
/// How jobs get to their workers. The row in the service's database is the job; Hangfire only carries its id from the process that finds it
/// waiting to a worker, in this process or another.
/// <code>
/// POST /jobs ──► row: Waiting ──► looked for (told, or every few seconds) ──► Hangfire ──► worker claims the row ──► result
///                     ▲                                                                        │
///                     └────────────── handed back, or the lease of a dead worker ends ◄────────┘
/// </code>
/// </summary>
internal static class Jobs
{
    /// <summary>After so long without a sign of the worker that took a ticket, and was killed before it claimed a job, it is given to another.</summary>
    private static readonly TimeSpan silence = TimeSpan.FromMinutes(1);

    /// <summary>Adds the queue and, unless this process has none, the workers.</summary>
    public static void AddJobs(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        builder.Logging.AddFilter("Hangfire", Microsoft.Extensions.Logging.LogLevel.Warning);
        // Not by Hangfire's own registration: it keeps its storage in a static, and a process may hold more than one service.
        builder.Services.AddSingleton(services =>
        {
            LogProvider.SetCurrentLogProvider(new HangfireLog(services.GetRequiredService<ILoggerFactory>().CreateLogger("Hangfire")));
            return StorageOf(configuration);
        });
        builder.Services.AddSingleton<WaitingJobs>();
        builder.Services.AddSingleton(services => new MemoryBudget(services.GetRequiredService<ReductionLimits>().MaxMemoryBytes, services.GetRequiredService<WaitingJobs>().Tell));
        builder.Services.AddScoped<RunReduction>();
        builder.Services.AddHostedService<Workers>();
        builder.Services.AddHostedService<FindWaitingJobs>();
    }

    private static JobStorage StorageOf(IConfiguration configuration)
    {
        var provider = Database.ProviderOf(configuration);
        if (provider == DatabaseProvider.Sqlite) return new InMemoryStorage();
        using var db = new ReductionDb(((DbContextOptionsBuilder<ReductionDb>)new DbContextOptionsBuilder<ReductionDb>()
            .UseProvider(provider, configuration, ReductionService.Name)).Options);
        var connection = db.Database.GetConnectionString() ?? "";
        if (provider == DatabaseProvider.SqlServer)
            return new SqlServerStorage(connection, new SqlServerStorageOptions { QueuePollInterval = TimeSpan.FromSeconds(2), SlidingInvisibilityTimeout = silence });
        // Polling, not LISTEN: a worker that stops listening when it finds a job may wait for that for ever (npgsql issue 5975), with the job in its hand. What this process gives wakes its workers at once.
        var options = new PostgreSqlStorageOptions { QueuePollInterval = TimeSpan.FromMilliseconds(500), UseSlidingInvisibilityTimeout = true, InvisibilityTimeout = silence };
        return new PostgreSqlStorage(new NpgsqlConnectionFactory(connection, options), options);
    }
}
