using Npgsql;
using Testcontainers.PostgreSql;

namespace Tutti.Testing;

/// <summary>How a PostgreSQL server is run.</summary>
public sealed record PostgreSqlOptions
{
    /// <summary>Data kept from one run to the next; null for data that goes away with the server. Kept data wants installed binaries.</summary>
    public string? Folder { get; init; }

    /// <summary>A fixed port; null for a free one.</summary>
    public int? Port { get; init; }

    /// <summary>False only for tests that are not about durability: no fsync, and a loss of power would destroy the data.</summary>
    public bool Durable { get; init; } = true;
}

/// <summary>A real PostgreSQL on loopback: in a container where a Docker engine answers, else from installed binaries.</summary>
public sealed class PostgreSqlServer : IAsyncDisposable
{
    /// <summary>Where this variable holds a connection string (without a database), <see cref="StartAsync"/> uses that server.</summary>
    public const string Variable = "TUTTI_TEST_POSTGRES";

    private const string User = "tutti";
    private const string Image = "postgres:17";

    private readonly IServerEngine engine;

    private PostgreSqlServer(IServerEngine engine, string connectionString)
    {
        this.engine = engine;
        ConnectionString = connectionString;
    }

    /// <summary>Address and account without a database: each service appends its own.</summary>
    public string ConnectionString { get; }

    public int Port => engine.Port;

    /// <summary>Which engine runs it, for example <c>PostgreSQL 15.18 from installed binaries on 127.0.0.1:15432</c>.</summary>
    public string Description => engine.Description;

    /// <summary>Starts a server of its own, or takes the one named by <see cref="Variable"/>.</summary>
    public static async Task<PostgreSqlServer> StartAsync(PostgreSqlOptions? options = null, CancellationToken cancellation = default)
    {
        var server = await ChooseAsync(options ?? new PostgreSqlOptions());
        try
        {
            await server.engine.StartAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>What <see cref="StartAsync"/> would use; throws <see cref="ServerNotInstalledException"/> if there is nothing.</summary>
    public static async Task<string> FindEngineAsync() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } ? $"PostgreSQL given by {Variable}"
        : await DockerEngine.AnswersAsync() ? $"PostgreSQL in a container ({Image})"
        : InstalledBinaries.PostgreSql() is { } binaries ? $"PostgreSQL from installed binaries ({binaries})"
        : throw NotInstalled();

    /// <summary>Starts it again after <see cref="StopAsync"/> or <see cref="KillAsync"/>: same port, same data.</summary>
    public Task StartAgainAsync(CancellationToken cancellation = default) => engine.StartAsync(cancellation);

    /// <summary>Orderly shutdown; open connections are closed.</summary>
    public Task StopAsync(CancellationToken cancellation = default) => engine.StopAsync(cancellation);

    /// <summary>SIGKILL to the server and all its workers.</summary>
    public Task KillAsync(CancellationToken cancellation = default) => engine.KillAsync(cancellation);

    /// <summary>The connection string of one database.</summary>
    public string ConnectionStringTo(string database) =>
        new NpgsqlConnectionStringBuilder(ConnectionString) { Database = database }.ConnectionString;

    /// <summary>Creates an empty database and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string name, CancellationToken cancellation = default)
    {
        await ExecuteAsync($"create database {Quoted(name)}", cancellation);
        return ConnectionStringTo(name);
    }

    /// <summary>Drops a database if it is there, closing what is connected to it.</summary>
    public Task DropDatabaseAsync(string name, CancellationToken cancellation = default) =>
        ExecuteAsync($"drop database if exists {Quoted(name)} with (force)", cancellation);

    /// <summary>The names of all databases but the server's own.</summary>
    public async Task<IReadOnlyList<string>> DatabasesAsync(CancellationToken cancellation = default)
    {
        await using var connection = new NpgsqlConnection(Administration(ConnectionString));
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(
            "select datname from pg_database where not datistemplate and datname <> 'postgres' order by datname", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        List<string> names = [];
        while (await rows.ReadAsync(cancellation))
            names.Add(rows.GetString(0));
        return names;
    }

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    // Pools would hold connections to a server that is going to be killed.
    internal static string Administration(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Database = "postgres", Pooling = false, Timeout = 5 }.ConnectionString;

    private static async Task<PostgreSqlServer> ChooseAsync(PostgreSqlOptions options)
    {
        if (options.Folder is null && Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
            return new PostgreSqlServer(new GivenServer("PostgreSQL", Variable, new NpgsqlConnectionStringBuilder(given).Port), given);
        if (options.Folder is null && await DockerEngine.AnswersAsync())
            return InContainer(options);
        if (InstalledBinaries.PostgreSql() is { } binaries)
        {
            var installed = new InstalledPostgreSql(binaries, options, User);
            return new PostgreSqlServer(installed, installed.ConnectionString);
        }
        throw NotInstalled();
    }

    private static PostgreSqlServer InContainer(PostgreSqlOptions options)
    {
        var port = options.Port ?? FreePorts.Next();
        var password = Guid.CreateVersion7().ToString("N");
        string[] settings = options.Durable
            ? ["-c", "max_connections=400"]
            : ["-c", "max_connections=400", "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"];
        var container = new PostgreSqlBuilder(Image)
            .WithUsername(User)
            .WithPassword(password)
            .WithPortBinding(port, PostgreSqlBuilder.PostgreSqlPort)
            .WithCommand(settings)
            .Build();
        var connection = new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = port, Username = User, Password = password };
        return new PostgreSqlServer(new ContainerServer(Image, container, port), connection.ConnectionString);
    }

    private static ServerNotInstalledException NotInstalled() => new("PostgreSQL", "postgresql");

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private async Task ExecuteAsync(string statement, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(Administration(ConnectionString));
        await connection.OpenAsync(cancellation);
#pragma warning disable CA2100 // The only variable part is a quoted name; a name cannot be a parameter.
        await using var command = new NpgsqlCommand(statement, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
