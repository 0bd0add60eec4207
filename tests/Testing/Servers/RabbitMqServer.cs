using System.Text;
using RabbitMQ.Client;
using Testcontainers.RabbitMq;

namespace Tutti.Testing;

/// <summary>How a RabbitMQ server is run.</summary>
public sealed record RabbitMqOptions
{
    /// <summary>Data kept from one run to the next; null for data that goes away with the server. Kept data wants installed binaries.</summary>
    public string? Folder { get; init; }

    /// <summary>A fixed port; null for a free one.</summary>
    public int? Port { get; init; }
}

/// <summary>A real RabbitMQ on loopback: in a container where a Docker engine answers, else from installed binaries.</summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    /// <summary>Where this variable holds an <c>amqp://</c> address, <see cref="StartAsync"/> uses that server.</summary>
    public const string Variable = "TUTTI_TEST_RABBITMQ";

    private const string Image = "rabbitmq:4";
    private const string User = "tutti";

    private readonly IServerEngine engine;

    private RabbitMqServer(IServerEngine engine, Uri url)
    {
        this.engine = engine;
        Url = url;
    }

    /// <summary>Address and account: <c>amqp://user:password@127.0.0.1:PORT/</c>.</summary>
    public Uri Url { get; }

    public int Port => engine.Port;

    /// <summary>Which engine runs it, for example <c>RabbitMQ 3.10.8 from installed binaries on 127.0.0.1:15672</c>.</summary>
    public string Description => engine.Description;

    /// <summary>Starts a server of its own, or takes the one named by <see cref="Variable"/>.</summary>
    public static async Task<RabbitMqServer> StartAsync(RabbitMqOptions? options = null, CancellationToken cancellation = default)
    {
        var server = await ChooseAsync(options ?? new RabbitMqOptions());
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
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } ? $"RabbitMQ given by {Variable}"
        : await DockerEngine.AnswersAsync() ? $"RabbitMQ in a container ({Image})"
        : InstalledBinaries.RabbitMq() is { } script && InstalledBinaries.PortMapper() is not null ? $"RabbitMQ from installed binaries ({script})"
        : throw NotInstalled();

    /// <summary>Starts it again after <see cref="StopAsync"/> or <see cref="KillAsync"/>: same port, same durable queues.</summary>
    public Task StartAgainAsync(CancellationToken cancellation = default) => engine.StartAsync(cancellation);

    /// <summary>Orderly shutdown.</summary>
    public Task StopAsync(CancellationToken cancellation = default) => engine.StopAsync(cancellation);

    /// <summary>SIGKILL.</summary>
    public Task KillAsync(CancellationToken cancellation = default) => engine.KillAsync(cancellation);

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    internal static string VersionOf(IConnection connection) =>
        connection.ServerProperties is { } properties && properties.TryGetValue("version", out var value) && value is byte[] text
            ? Encoding.UTF8.GetString(text)
            : "of unknown version";

    private static async Task<RabbitMqServer> ChooseAsync(RabbitMqOptions options)
    {
        if (options.Folder is null && Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            var url = new Uri(given);
            return new RabbitMqServer(new GivenServer("RabbitMQ", Variable, url.IsDefaultPort ? 5672 : url.Port), url);
        }
        if (options.Folder is null && await DockerEngine.AnswersAsync())
            return InContainer(options);
        if (InstalledBinaries.RabbitMq() is { } script && InstalledBinaries.PortMapper() is { } portMapper)
        {
            var installed = new InstalledRabbitMq(script, portMapper, options);
            return new RabbitMqServer(installed, installed.Url);
        }
        throw NotInstalled();
    }

    private static ServerNotInstalledException NotInstalled() => new("RabbitMQ", "rabbitmq-server");

    private static RabbitMqServer InContainer(RabbitMqOptions options)
    {
        var port = options.Port ?? FreePorts.Next();
        var password = Guid.CreateVersion7().ToString("N");
        var container = new RabbitMqBuilder(Image)
            // The node's data folder is named after the host.
            .WithHostname("tutti")
            .WithUsername(User)
            .WithPassword(password)
            .WithPortBinding(port, RabbitMqBuilder.RabbitMqPort)
            .Build();
        return new RabbitMqServer(new ContainerServer(Image, container, port), new Uri($"amqp://{User}:{password}@127.0.0.1:{port}/"));
    }
}
