using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.ServiceDefaults;

/// <summary>The databases a service can live on; one migration set serves all.</summary>
public enum DatabaseProvider
{
    /// <summary>One WAL-mode file per service in the data folder: the embedded default.</summary>
    Sqlite,

    /// <summary>PostgreSQL, one database per service.</summary>
    PostgreSql,

    /// <summary>SQL Server, one database per service.</summary>
    SqlServer,
}

/// <summary>Database choice, conventions and migration.</summary>
public static class Database
{
    /// <summary>How a service's migrations are run and found out of date; one entry per service in the process.</summary>
    public sealed record Registration(string Name, Func<IServiceProvider, CancellationToken, Task> Migrate, Func<IServiceProvider, CancellationToken, Task<bool>> IsCurrent);

    /// <summary>PostgreSQL plans what comes again only once, and forgets nothing between two uses of a connection; an installation can say otherwise.</summary>
    private const string PreparedStatements = "Max Auto Prepare=100;Auto Prepare Min Usages=3;No Reset On Close=true";

    /// <summary>Which database this process uses (<c>Tutti:Database:Provider</c>).</summary>
    public static DatabaseProvider ProviderOf(IConfiguration configuration) =>
        configuration.GetValue("Tutti:Database:Provider", DatabaseProvider.Sqlite);

    /// <summary>Adds a service's own database, its outbox and its inbox.</summary>
    public static WebApplicationBuilder AddDatabase<TDb>(this WebApplicationBuilder builder, string name) where TDb : DbContext
    {
        var provider = ProviderOf(builder.Configuration);
        var outbox = new OutboxQueue<TDb>();
        var gate = new SqliteWriteGate();
        builder.Services.AddSingleton(outbox);
        builder.Services.AddDbContextPool<TDb>(options =>
        {
            options.UseProvider(provider, builder.Configuration, name)
                // What fails is thrown, and logged by who handles it: a second delivery or a lost race is no error.
                .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.MultipleCollectionIncludeWarning).Log(
                    (RelationalEventId.CommandError, LogLevel.Debug), (RelationalEventId.ConnectionError, LogLevel.Debug), (CoreEventId.SaveChangesFailed, LogLevel.Debug)))
                .AddInterceptors(new VersionCounter(), new OutboxHandOver<TDb>(outbox));
            if (provider == DatabaseProvider.Sqlite) options.AddInterceptors(gate, gate.Connections);
        });
        builder.Services.AddSingleton(new Registration(name, MigrateAsync<TDb>, IsCurrentAsync<TDb>));
        builder.Services.AddHealthChecks().AddCheck<Reachable<TDb>>("database-" + name);
        builder.Services.AddOutbox<TDb>();
        return builder;
    }

    /// <summary>Points a context at a provider; the connection string of a server names no database, the service adds its own.</summary>
    public static DbContextOptionsBuilder UseProvider(this DbContextOptionsBuilder options, DatabaseProvider provider, IConfiguration configuration, string name)
    {
        var server = configuration["Tutti:Database:ConnectionString"] ?? "";
        var prefix = configuration["Tutti:Database:Prefix"] ?? "tutti_";
        return provider switch
        {
            DatabaseProvider.Sqlite => options.UseSqlite(new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder
            {
                DataSource = Path.Combine(Hosting.DataFolder(configuration), name + ".db"),
            }.ConnectionString),
            DatabaseProvider.PostgreSql => options.UseNpgsql($"{PreparedStatements};{server};Database={prefix}{name}"),
            DatabaseProvider.SqlServer => options.UseSqlServer($"{server};Database={prefix}{name}"),
        };
    }

    /// <summary>Conventions every context calls: times are UTC on every database.</summary>
    public static void UseTuttiConventions(this ModelConfigurationBuilder conventions) =>
        conventions.Properties<DateTimeOffset>().HaveConversion<UtcTime>();

    /// <summary>Marks the counter that refuses stale writes; increased by us at each change, never by the database.</summary>
    public static void HasVersion<T>(this Microsoft.EntityFrameworkCore.Metadata.Builders.EntityTypeBuilder<T> entity) where T : class =>
        entity.Property<int>(VersionCounter.Property).IsConcurrencyToken();

    /// <summary>
    /// Counts the version of a row up with the next save though nothing of it changes: who changes it at the same moment, and looks for what hangs on it, and who adds something by what it said do not both
    /// go on without knowing of the other.
    /// </summary>
    public static void Touch(this DbContext db, object row) => db.Entry(row).State = EntityState.Modified;

    private static async Task MigrateAsync<TDb>(IServiceProvider services, CancellationToken cancel) where TDb : DbContext
    {
        await using var scope = services.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<TDb>().Database;
        if (database.IsSqlite())
        {
            // A kill in the middle of a migration leaves the lock row behind. This process holds the folder's lock file, so nobody else migrates.
            await database.ExecuteSqlRawAsync("""PRAGMA journal_mode=WAL; DROP TABLE IF EXISTS "__EFMigrationsLock";""", cancel);
        }
        await database.MigrateAsync(cancel);
    }

    private static async Task<bool> IsCurrentAsync<TDb>(IServiceProvider services, CancellationToken cancel) where TDb : DbContext
    {
        await using var scope = services.CreateAsyncScope();
        return !(await scope.ServiceProvider.GetRequiredService<TDb>().Database.GetPendingMigrationsAsync(cancel)).Any();
    }

    private sealed class UtcTime() : ValueConverter<DateTimeOffset, DateTime>(
        time => time.UtcDateTime, stored => new DateTimeOffset(DateTime.SpecifyKind(stored, DateTimeKind.Utc)));

    private sealed class Reachable<TDb>(TDb db) : IHealthCheck where TDb : DbContext
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            await db.Database.CanConnectAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The database does not answer.");
    }

    /// <summary>Increases <c>Version</c> of every changed row that has one, and makes each save one transaction.</summary>
    private sealed class VersionCounter : SaveChangesInterceptor
    {
        public const string Property = "Version";

        public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result) =>
            throw new NotSupportedException("Save with SaveChangesAsync: versions, the queue of writers and the outbox hang on it.");

        public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            if (eventData.Context is not { } db) return ValueTask.FromResult(result);
            db.Database.AutoTransactionBehavior = AutoTransactionBehavior.Always;
            // Nobody goes on in a transaction whose save failed, and a savepoint is two more round trips.
            db.Database.AutoSavepointsEnabled = false;
            foreach (var entry in db.ChangeTracker.Entries().Where(entry => entry.State == EntityState.Modified))
                if (entry.Metadata.FindProperty(Property) is { IsConcurrencyToken: true } version)
                    entry.Property(version).CurrentValue = (int)(entry.Property(version).OriginalValue ?? 0) + 1;
            return ValueTask.FromResult(result);
        }
    }

    /// <summary>
    /// SQLite has one writer. Writers of this process queue here, in order and without polling, instead of running into
    /// <c>SQLITE_BUSY</c>; durability is set on every connection.
    /// </summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "Lives as long as the process.")]
    private sealed class SqliteWriteGate : DbTransactionInterceptor
    {
        private readonly SemaphoreSlim free = new(1, 1);
        private readonly ConditionalWeakTable<DbConnection, object> holders = [];

        public IInterceptor Connections => new ConnectionEvents(this);

        public override async ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
            DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default)
        {
            if (!await free.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken)) throw new TimeoutException("The database has been busy writing for a minute.");
            try
            {
                // Begun here: nobody would tell of a beginning that fails, or is cancelled, after the gate has opened for it.
                var transaction = await connection.BeginTransactionAsync(eventData.IsolationLevel, CancellationToken.None);
                holders.Add(connection, this);
                return InterceptionResult<DbTransaction>.SuppressWithResult(transaction);
            }
            catch
            {
                free.Release();
                throw;
            }
        }

        public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Release(eventData.Context?.Database.GetDbConnection());
            return Task.CompletedTask;
        }

        public override Task TransactionRolledBackAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Release(eventData.Context?.Database.GetDbConnection());
            return Task.CompletedTask;
        }

        private void Release(DbConnection? connection)
        {
            if (connection is not null && holders.Remove(connection)) free.Release();
        }

        private sealed class ConnectionEvents(SqliteWriteGate gate) : DbConnectionInterceptor
        {
            public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
            {
                using var command = connection.CreateCommand();
                command.CommandText = "PRAGMA synchronous=FULL;";
                command.ExecuteNonQuery();
            }

            public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
            {
                ConnectionOpened(connection, eventData);
                return Task.CompletedTask;
            }

            // A transaction that is disposed without an end closes its connection: the last chance to let the next writer in.
            public override void ConnectionClosed(DbConnection connection, ConnectionEndEventData eventData) => gate.Release(connection);

            public override Task ConnectionClosedAsync(DbConnection connection, ConnectionEndEventData eventData)
            {
                gate.Release(connection);
                return Task.CompletedTask;
            }
        }
    }
}
