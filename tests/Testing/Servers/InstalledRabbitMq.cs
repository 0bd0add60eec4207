using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Tutti.Testing;

/// <summary>RabbitMQ started from installed binaries, on loopback only, as a node of its own with a port mapper of its own.</summary>
internal sealed class InstalledRabbitMq : IServerEngine
{
    private const string User = "tutti";

    private readonly string script;
    private readonly string portMapperProgram;
    private readonly RabbitMqOptions options;
    private readonly ServerFolder folder;
    private readonly string node;
    private readonly int distributionPort = FreePorts.Next();
    private readonly int portMapperPort = FreePorts.Next();

    private ChildProcess? portMapper;
    private ChildProcess? server;
    private string version = "";

    public InstalledRabbitMq(string script, string portMapperProgram, RabbitMqOptions options)
    {
        this.script = script;
        this.portMapperProgram = portMapperProgram;
        this.options = options;
        folder = new ServerFolder(options.Folder, "rabbitmq");
        node = $"tutti-{folder.Remembered("node")[..8]}@localhost";
        Port = options.Port ?? FreePorts.Next();
        Url = new Uri($"amqp://{User}:{folder.Remembered("password")}@127.0.0.1:{Port}/");
    }

    public string Description => $"RabbitMQ {version} from installed binaries on 127.0.0.1:{Port}";

    public int Port { get; }

    public Uri Url { get; }

    private string Output => folder.In("rabbitmq.log");

    public async Task StartAsync(CancellationToken cancellation)
    {
        if (server is { HasExited: false })
            throw new InvalidOperationException($"{Description} already runs.");
        if (server is not null)
            await server.DisposeAsync();
        await File.WriteAllTextAsync(folder.In("rabbitmq.conf"), Configuration(), cancellation);
        await File.WriteAllTextAsync(folder.In("plugins"), "[].\n", cancellation);
        await File.WriteAllTextAsync(folder.In("environment"), "", cancellation);
        if (portMapper is null or { HasExited: true })
            await StartPortMapperAsync();
        server = await ChildProcess.StartAsync(new ProcessStart
        {
            Name = "RabbitMQ",
            File = script,
            Environment = NodeEnvironment(),
            Folder = folder.Root,
            Log = Output,
        });
        await WaitUntilItAnswersAsync(server, cancellation);
    }

    public async Task StopAsync(CancellationToken cancellation)
    {
        if (server is not null && !await server.StopAsync(Signal.Terminate, TimeSpan.FromSeconds(60)))
            throw new TimeoutException($"{Description} did not stop in 60 s and was killed. Its last words:\n{LastLines()}");
    }

    public async Task KillAsync(CancellationToken cancellation)
    {
        if (server is not null)
            await server.KillAsync();
    }

    public string LastLines() => LogTail.Read(Output, 40);

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            if (options.Folder is not null)
                await server.StopAsync(Signal.Terminate, TimeSpan.FromSeconds(60));
            await server.DisposeAsync();
        }
        if (portMapper is not null)
            await portMapper.DisposeAsync();
        folder.Dispose();
    }

    private async Task StartPortMapperAsync()
    {
        if (portMapper is not null)
            await portMapper.DisposeAsync();
        portMapper = await ChildProcess.StartAsync(new ProcessStart
        {
            Name = "epmd",
            File = portMapperProgram,
            Arguments = ["-port", portMapperPort.ToString(CultureInfo.InvariantCulture), "-address", "127.0.0.1"],
            Folder = folder.Root,
            Log = folder.In("epmd.log"),
        });
        await Poll.UntilAsync(
            () => portMapper.HasExited
                ? throw new InvalidOperationException($"epmd ended at once. Its last words:\n{portMapper.LastLines()}")
                : !FreePorts.IsFree(portMapperPort),
            TimeSpan.FromSeconds(10),
            () => $"epmd listens on port {portMapperPort}. Its last words:\n{portMapper.LastLines()}");
    }

    private Dictionary<string, string?> NodeEnvironment() => new()
    {
        // The cookie that guards the node is made in the home folder.
        ["HOME"] = folder.Root,
        ["RABBITMQ_NODENAME"] = node,
        ["RABBITMQ_CONF_ENV_FILE"] = folder.In("environment"),
        ["RABBITMQ_CONFIG_FILE"] = folder.In("rabbitmq.conf"),
        ["RABBITMQ_ADVANCED_CONFIG_FILE"] = folder.In("advanced.config"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = folder.In("plugins"),
        ["RABBITMQ_MNESIA_BASE"] = folder.In("mnesia"),
        ["RABBITMQ_LOG_BASE"] = folder.In("log"),
        ["RABBITMQ_GENERATED_CONFIG_DIR"] = folder.In("generated"),
        ["RABBITMQ_DIST_PORT"] = distributionPort.ToString(CultureInfo.InvariantCulture),
        ["RABBITMQ_NODE_PORT"] = Port.ToString(CultureInfo.InvariantCulture),
        ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}",
        ["ERL_EPMD_PORT"] = portMapperPort.ToString(CultureInfo.InvariantCulture),
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        // The script then replaces itself by the Erlang machine instead of waiting beside it, so signals reach the broker.
        ["RUNNING_UNDER_SYSTEMD"] = "true",
        ["NOTIFY_SOCKET"] = null,
    };

    private string Configuration() =>
        $"""
        listeners.tcp.1 = 127.0.0.1:{Port}
        default_user = {User}
        default_pass = {folder.Remembered("password")}
        disk_free_limit.absolute = 50MB
        log.console = true
        log.console.level = warning
        log.file = false
        raft.wal_max_size_bytes = 67108864

        """;

    private async Task WaitUntilItAnswersAsync(ChildProcess starting, CancellationToken cancellation)
    {
        var factory = new ConnectionFactory { Uri = Url, AutomaticRecoveryEnabled = false };
        await Poll.UntilAsync(
            async stop =>
            {
                if (starting.HasExited)
                    throw new InvalidOperationException($"RabbitMQ ended before it was ready. Its last words:\n{LastLines()}");
                try
                {
                    await using var connection = await factory.CreateConnectionAsync("readiness", stop);
                    version = RabbitMqServer.VersionOf(connection);
                    await connection.CloseAsync(stop);
                    return true;
                }
                catch (BrokerUnreachableException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(120),
            () => $"RabbitMQ answers on port {Port}. Its last words:\n{LastLines()}",
            cancellation);
    }
}
