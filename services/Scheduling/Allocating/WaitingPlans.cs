using System.Collections.Concurrent;
using System.Globalization;
using Hangfire;
using Hangfire.Common;
using Hangfire.InMemory;
using Hangfire.Logging;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;
using Hangfire.SqlServer;
using Hangfire.States;
using Hangfire.Storage;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Allocating;

/// <summary>
/// The way of plans to their workers. The row in the service's database is the job; Hangfire carries its id from the process that finds it waiting to a worker, in this process or another, and claims decide
/// who has it in hand. What the pool's answers decide, and options of a repair, go past what the planner searches for long. Hangfire's storage knows which job carries a plan: however long that waits for a
/// worker, and however many processes see the plan waiting, there is no second one.
/// </summary>
public sealed class WaitingPlans
{
    private const string Quick = "plans-quick", Long = "plans-long", Repair = "plans-repair";

    /// <summary>How long a plan's lock is waited for, and after how long the lock of a process that was killed holding it is free: PostgreSQL keeps it as a row.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(5), lockTimeout = TimeSpan.FromSeconds(30);

    /// <summary>After so long without a sign of the worker that took it, a job is given to another: most of the time the claim in the plan's row was faster.</summary>
    private static readonly TimeSpan silence = TimeSpan.FromMinutes(1);

    private static readonly Action<ILogger, string, Exception?> said = LoggerMessage.Define<string>(Microsoft.Extensions.Logging.LogLevel.Warning, default, "{Text}");

    private readonly ConcurrentDictionary<Guid, (int Version, DateTimeOffset At)> given = [];
    private readonly Lazy<(JobStorage Storage, BackgroundJobClient Client)> hangfire;
    private readonly PlanWorkerOptions options;
    private readonly TimeProvider time;
    private readonly TimeSpan waitForLock;

    /// <summary>With Hangfire's storage in the service's database; where that is SQLite, in memory.</summary>
    public WaitingPlans(IConfiguration configuration, PlanWorkerOptions options, ILoggerFactory logs, TimeProvider time) : this(() =>
    {
        LogProvider.SetCurrentLogProvider(new Trouble(logs.CreateLogger("Hangfire")));
        return StorageOf(configuration);
    }, options, time)
    {
    }

    internal WaitingPlans(Func<JobStorage> storage, PlanWorkerOptions options, TimeProvider time, TimeSpan? waitForLock = null)
    {
        (this.options, this.time, this.waitForLock) = (options, time, waitForLock ?? patience);
        hangfire = new(() =>
        {
            var made = storage();
            return (made, new BackgroundJobClient(made));
        });
    }

    /// <summary>
    /// Gives a plan to the workers, unless its job still waits for one, or it was given in this state less than a lease ago: what was given and neither waits nor was begun was lost with its worker or
    /// with Hangfire's storage.
    /// </summary>
    /// <returns>Whether that was possible: not as long as another process, or one that was killed with it, has the plan's lock.</returns>
    internal bool Give(Guid plan, int version, CallPlanStatus status, bool isRepair)
    {
        var (now, queue) = (time.GetUtcNow(), status == CallPlanStatus.Reserving ? Quick : isRepair ? Repair : Long);
        if (given.TryGetValue(plan, out var before) && before.Version == version && before.At + options.Lease > now) return true;
        var (storage, client) = hangfire.Value;
        using var connection = storage.GetConnection();
        if (Lock(connection, plan) is not { } turn) return false;
        using var free = turn;
        var known = connection.GetAllEntriesFromHash(KeyOf(plan));
        var (job, at) = (known?.GetValueOrDefault("job"), now);
        if (job is null || !Waits(connection, job, queue))
        {
            // Another process may have given it; it begins within a lease, or not at all.
            if (known?["version"] == Text(version) && DateTimeOffset.Parse(known["at"], CultureInfo.InvariantCulture) is var then && then + options.Lease > now) at = then;
            else job = client.Create(Job.FromExpression<PlanWorker>(worker => worker.RunAsync(plan)), new EnqueuedState(queue));
        }
        if (at == now) connection.SetRangeInHash(KeyOf(plan), [new("job", job), new("version", Text(version)), new("at", now.ToString("O", CultureInfo.InvariantCulture))]);
        given[plan] = (version, at);
        return true;
    }

    /// <summary>A worker of this process is done with a plan that it has in hand, one way or another: if it can go on, it is given anew.</summary>
    internal void PutDown(Guid plan)
    {
        given.TryRemove(plan, out _);
        using var connection = hangfire.Value.Storage.GetConnection();
        using var change = connection.CreateWriteTransaction();
        change.RemoveHash(KeyOf(plan));
        change.Commit();
    }

    private IDisposable? Lock(IStorageConnection connection, Guid plan)
    {
        try
        {
            return connection.AcquireDistributedLock(KeyOf(plan), waitForLock);
        }
        catch (DistributedLockTimeoutException)
        {
            return null;
        }
    }

    private static bool Waits(IStorageConnection connection, string job, string queue) =>
        connection.GetStateData(job) is { } state && state.Name == EnqueuedState.StateName && state.Data.TryGetValue("Queue", out var where) && where == queue;

    private static string KeyOf(Guid plan) => $"tutti-plan:{plan}";

    private static string Text(int version) => version.ToString(CultureInfo.InvariantCulture);

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
        if (provider == DatabaseProvider.SqlServer) return new SqlServerStorage(connection, new SqlServerStorageOptions { QueuePollInterval = TimeSpan.FromSeconds(2), SlidingInvisibilityTimeout = silence });
        // Polling, not LISTEN: a worker that stops listening when it finds a job may wait for that for ever (npgsql issue 5975), with the job in its hand. What this process gives wakes its workers at once.
        var polling = new PostgreSqlStorageOptions
        {
            QueuePollInterval = TimeSpan.FromMilliseconds(500), UseSlidingInvisibilityTimeout = true, InvisibilityTimeout = silence, DistributedLockTimeout = lockTimeout,
        };
        return new PostgreSqlStorage(new NpgsqlConnectionFactory(connection, polling), polling);
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
