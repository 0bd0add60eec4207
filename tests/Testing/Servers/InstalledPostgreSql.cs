using System.Globalization;
using Npgsql;

namespace Tutti.Testing;

/// <summary>PostgreSQL started from installed binaries, on loopback only, with data of its own.</summary>
internal sealed class InstalledPostgreSql : IServerEngine
{
    private const string Account = "postgres";

    private readonly string binaries;
    private readonly PostgreSqlOptions options;
    private readonly ServerFolder folder;
    private readonly string password;

    private ChildProcess? server;
    private string version = "";

    public InstalledPostgreSql(string binaries, PostgreSqlOptions options, string user)
    {
        this.binaries = binaries;
        this.options = options;
        folder = new ServerFolder(options.Folder, "postgresql");
        password = folder.Remembered("password");
        Port = options.Port ?? FreePorts.Next();
        var address = new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = Port, Username = user, Password = password };
        ConnectionString = address.ConnectionString;
        User = user;
    }

    public string Description => $"PostgreSQL {version} from installed binaries on 127.0.0.1:{Port}{(options.Durable ? "" : ", not durable")}";

    public int Port { get; }

    public string ConnectionString { get; }

    private string User { get; }

    private string Data => folder.In("data");

    private string Log => folder.In("postgresql.log");

    // PostgreSQL refuses to run as root.
    private static string? RunsAs => Environment.UserName == "root" ? Account : null;

    public async Task StartAsync(CancellationToken cancellation)
    {
        if (server is { HasExited: false })
            throw new InvalidOperationException($"{Description} already runs.");
        if (!File.Exists(Path.Combine(Data, "PG_VERSION")))
            await CreateAsync(cancellation);
        if (server is not null)
            await server.DisposeAsync();
        server = await ChildProcess.StartAsync(new ProcessStart
        {
            Name = "PostgreSQL",
            File = Path.Combine(binaries, "postgres"),
            Arguments = ["-D", Data, "-p", Port.ToString(CultureInfo.InvariantCulture), .. Settings()],
            Log = Log,
            Folder = folder.Root,
            Account = RunsAs,
            AtParentDeath = Signal.Quit,
        });
        await WaitUntilItAnswersAsync(server, cancellation);
    }

    public async Task StopAsync(CancellationToken cancellation)
    {
        if (server is not null && !await server.StopAsync(Signal.Interrupt, TimeSpan.FromSeconds(30)))
            throw new TimeoutException($"{Description} did not stop in 30 s and was killed. Its last words:\n{LastLines()}");
    }

    public async Task KillAsync(CancellationToken cancellation)
    {
        if (server is not null)
            await server.KillAsync();
    }

    public string LastLines() => LogTail.Read(Log, 40);

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            // Kept data gets an orderly end; of data that goes away the immediate one frees what the kernel holds, soonest.
            await server.StopAsync(options.Folder is null ? Signal.Quit : Signal.Interrupt, TimeSpan.FromSeconds(30));
            await server.DisposeAsync();
        }
        folder.Dispose();
    }

    private async Task CreateAsync(CancellationToken cancellation)
    {
        List<string> owner = RunsAs is { } account ? ["-o", account, "-g", account] : [];
        await RunAsync("install", ["-d", .. owner, "-m", "0700", Data], null, cancellation);
        var secret = folder.In("password-for-initdb");
        await RunAsync("install", [.. owner, "-m", "0400", folder.In("password"), secret], null, cancellation);
        try
        {
            await RunAsync(
                Path.Combine(binaries, "initdb"),
                ["-D", Data, "-U", User, $"--pwfile={secret}", "-A", "scram-sha-256", "-E", "UTF8", "--no-locale", "--no-instructions"],
                RunsAs,
                cancellation);
        }
        catch (InvalidOperationException failed) when (RunsAs is not null)
        {
            throw new InvalidOperationException(
                $"PostgreSQL does not run as root, and user {RunsAs} could not create {Data}: choose a folder it may enter, as below /var/tmp.",
                failed);
        }
        finally
        {
            File.Delete(secret);
        }
    }

    private Task RunAsync(string program, IReadOnlyList<string> arguments, string? account, CancellationToken cancellation) =>
        ChildProcess.RunAsync(
            new ProcessStart
            {
                Name = Path.GetFileName(program),
                File = program,
                Arguments = arguments,
                Account = account,
                Folder = folder.Root,
                Log = Log,
            },
            TimeSpan.FromSeconds(60),
            cancellation);

    private IEnumerable<string> Settings()
    {
        List<string> settings =
        [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=400",
            "shared_buffers=128MB",
            "wal_level=minimal",
            "max_wal_senders=0",
            "max_wal_size=1GB",
        ];
        if (!options.Durable)
            settings.AddRange(["fsync=off", "synchronous_commit=off", "full_page_writes=off"]);
        return settings.SelectMany(setting => new[] { "-c", setting });
    }

    private async Task WaitUntilItAnswersAsync(ChildProcess starting, CancellationToken cancellation)
    {
        var administration = PostgreSqlServer.Administration(ConnectionString);
        await Poll.UntilAsync(
            async stop =>
            {
                if (starting.HasExited)
                    throw new InvalidOperationException($"PostgreSQL ended before it was ready. Its last words:\n{LastLines()}");
                await using var connection = new NpgsqlConnection(administration);
                try
                {
                    await connection.OpenAsync(stop);
                }
                catch (NpgsqlException notYet) when (notYet is not PostgresException { SqlState: not PostgresErrorCodes.CannotConnectNow })
                {
                    return false;
                }
                version = connection.PostgreSqlVersion.ToString();
                return true;
            },
            TimeSpan.FromSeconds(60),
            () => $"PostgreSQL answers on port {Port}. Its last words:\n{LastLines()}",
            cancellation);
    }
}
