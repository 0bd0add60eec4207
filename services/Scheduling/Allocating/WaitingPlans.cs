using System.Collections.Concurrent;
using Hangfire;
using Hangfire.Common;
using Hangfire.InMemory;
using Hangfire.Logging;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;
using Hangfire.SqlServer;
using Hangfire.States;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Allocating;

/// <summary>
/// The way of plans to their workers. The row in the service's database is the job; Hangfire carries its id from the process that finds it waiting to a worker, in this process or another, and claims decide
/// who has it in hand. What the pool's answers decide, and options of a repair, go past what the planner searches for long.
/// </summary>
public sealed class WaitingPlans(IConfiguration configuration, PlanWorkerOptions options, ILoggerFactory logs, TimeProvider time)
{
    private const string Quick = "plans-quick", Long = "plans-long", Repair = "plans-repair";

    private static readonly Action<ILogger, string, Exception?> said = LoggerMessage.Define<string>(Microsoft.Extensions.Logging.LogLevel.Warning, default, "{Text}");

    private readonly ConcurrentDictionary<Guid, (int Version, DateTimeOffset At)> given = [];
    private readonly Lazy<(JobStorage Storage, BackgroundJobClient Client)> hangfire = new(() =>
    {
        LogProvider.SetCurrentLogProvider(new Trouble(logs.CreateLogger("Hangfire")));
        var storage = StorageOf(configuration);
        return (storage, new BackgroundJobClient(storage));
    });

    /// <summary>Gives a plan to the workers, unless that was done for this state of it a moment ago: what was given and never begun was lost with Hangfire's storage.</summary>
    internal void Give(Guid plan, int version, CallPlanStatus status, bool isRepair)
    {
        var now = time.GetUtcNow();
        if (given.TryGetValue(plan, out var before) && before.Version == version && before.At + options.Lease > now) return;
        hangfire.Value.Client.Create(Job.FromExpression<PlanWorker>(worker => worker.RunAsync(plan)), new EnqueuedState(status == CallPlanStatus.Reserving ? Quick : isRepair ? Repair : Long));
        given[plan] = (version, now);
    }

    /// <summary>A worker of this process is done with a plan, one way or another: if it can go on, it is given anew.</summary>
    internal void PutDown(Guid plan) => given.TryRemove(plan, out _);

    /// <summary>The workers of this process: one for what takes long, because the planner takes a whole core, one for repairs, and one for the rest.</summary>
    internal IReadOnlyList<BackgroundJobServer> Serve(IServiceProvider services) => [.. new[] { Quick, Repair, Long }.Select(name => new BackgroundJobServer(
        new BackgroundJobServerOptions
        {
            WorkerCount = 1, Queues = [name], IsLightweightServer = true, Activator = new FromServices(services), CancellationCheckInterval = TimeSpan.FromMinutes(1), ShutdownTimeout = TimeSpan.FromSeconds(10),
        },
        hangfire.Value.Storage))];

    private static JobStorage StorageOf(IConfiguration configuration)
    {
        var provider = Database.ProviderOf(configuration);
        if (provider == DatabaseProvider.Sqlite) return new InMemoryStorage();
        using var db = new SchedulingDb(((DbContextOptionsBuilder<SchedulingDb>)new DbContextOptionsBuilder<SchedulingDb>().UseProvider(provider, configuration, SchedulingService.Name)).Options);
        var connection = db.Database.GetConnectionString() ?? "";
        if (provider == DatabaseProvider.SqlServer) return new SqlServerStorage(connection, new SqlServerStorageOptions { QueuePollInterval = TimeSpan.FromSeconds(2) });
        var listening = new PostgreSqlStorageOptions { EnableLongPolling = true, QueuePollInterval = TimeSpan.FromSeconds(15), UseSlidingInvisibilityTimeout = true };
        return new PostgreSqlStorage(new NpgsqlConnectionFactory(new NpgsqlConnectionStringBuilder(connection) { NoResetOnClose = false }.ConnectionString, listening), listening);
    }

    /// <summary>Hangfire keeps its log in a static, which may outlive a host of the process: the logger is made once. What it warns of must not stay unseen.</summary>
    private sealed class Trouble(ILogger log) : ILogProvider, ILog
    {
        public ILog GetLogger(string name) => this;

        public bool Log(Hangfire.Logging.LogLevel logLevel, Func<string>? messageFunc, Exception? exception = null)
        {
            if (logLevel < Hangfire.Logging.LogLevel.Warn) return false;
            if (messageFunc is not null) said(log, messageFunc(), exception);
            return true;
        }
    }

    private sealed class FromServices(IServiceProvider services) : JobActivator
    {
        public override object ActivateJob(Type jobType) => services.GetRequiredService(jobType);
    }
}
