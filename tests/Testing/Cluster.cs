using System.Globalization;
using Npgsql;

namespace Tutti.Testing;

/// <summary>How the distributed deployment is started.</summary>
public sealed record ClusterOptions
{
    /// <summary>Processes of each service.</summary>
    public int Replicas { get; init; } = 2;

    /// <summary>Other numbers for single services, by name: <c>["Reduction"] = 1</c>.</summary>
    public IReadOnlyDictionary<string, int> ReplicasOf { get; init; } = new Dictionary<string, int>();

    /// <summary>Started by the cluster and ended with it where null; one given from outside is the caller's to end.</summary>
    public PostgreSqlServer? Database { get; init; }

    /// <summary>Started by the cluster and ended with it where null; one given from outside is the caller's to end.</summary>
    public RabbitMqServer? Broker { get; init; }

    /// <summary>Files, logs and the data of servers the cluster starts, kept; null for a folder that goes away with the cluster.</summary>
    public string? Data { get; init; }

    /// <summary>The gateway's port; null for a free one.</summary>
    public int? GatewayPort { get; init; }

    /// <summary>Further configuration of every process, by environment variable.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Finds the built assembly of a program by its project's name; null for this repository's build output.</summary>
    public Func<string, string>? Programs { get; init; }

    /// <summary>For one migration, and for all processes to become ready after their start.</summary>
    public TimeSpan ReadyWithin { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Hears in one line each what is being done; null for nobody.</summary>
    public Action<string>? Progress { get; init; }
}

/// <summary>Tutti as one process per replica of each service behind the gateway, on a real PostgreSQL and a real RabbitMQ.</summary>
public sealed class Cluster : IAsyncDisposable
{
    /// <summary>The services behind the gateway; Identity first, because the others fetch its signing keys.</summary>
    public static readonly IReadOnlyList<string> Services =
        ["Identity", "Catalogue", "Proposals", "Review", "Scheduling", "CellPool", "Reduction"];

    private const string GatewayName = "Gateway";

    // Of the 400 that the servers started here accept; the rest is for tests and administration.
    private const int ConnectionsForServices = 350;

    private readonly ClusterOptions options;
    private readonly TemporaryFolder? temporary;
    private readonly string data;
    private readonly Dictionary<string, ServiceProcess[]> replicas = [];
    private readonly List<IAsyncDisposable> ownServers = [];

    private PostgreSqlServer? database;
    private RabbitMqServer? broker;

    private Cluster(ClusterOptions options)
    {
        this.options = options;
        temporary = options.Data is null ? new TemporaryFolder("cluster") : null;
        data = Path.GetFullPath(options.Data ?? temporary?.Path ?? ".");
        Directory.CreateDirectory(data);
    }

    public PostgreSqlServer Database => database ?? throw NotStarted();

    public RabbitMqServer Broker => broker ?? throw NotStarted();

    /// <summary>The one address clients use.</summary>
    public Uri Url => Replica(GatewayName).Address;

    /// <summary>Every process: all replicas of all services, and the gateway.</summary>
    public IEnumerable<ServiceProcess> Processes => replicas.Values.SelectMany(each => each);

    /// <summary>Processes that ended although nobody killed them.</summary>
    public IEnumerable<ServiceProcess> EndedUnexpectedly => Processes.Where(process => process.EndedUnexpectedly);

    /// <summary>User and system time of all processes of Tutti, not of the servers.</summary>
    public TimeSpan CpuTime => Processes.Aggregate(TimeSpan.Zero, (sum, process) => sum + process.CpuTime);

    /// <summary>Resident memory of all processes of Tutti, not of the servers, in bytes.</summary>
    public long ResidentBytes => Processes.Sum(process => process.ResidentBytes);

    /// <summary>Starts the servers where none are given, migrates every service, starts everything and waits until all are ready.</summary>
    public static async Task<Cluster> StartAsync(ClusterOptions? options = null, CancellationToken cancellation = default)
    {
        var cluster = new Cluster(options ?? new ClusterOptions());
        try
        {
            await cluster.StartServersAsync(cancellation);
            cluster.Assign();
            await cluster.MigrateAsync(cancellation);
            await cluster.StartProcessesAsync(cancellation);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>One replica, counted from zero; <c>Replica("Gateway")</c> is the gateway.</summary>
    public ServiceProcess Replica(string service, int number = 0) =>
        replicas.TryGetValue(service, out var all) ? all[number] : throw new ArgumentException($"The cluster has no {service}.", nameof(service));

    /// <summary>All replicas of one service.</summary>
    public IReadOnlyList<ServiceProcess> ReplicasOf(string service) =>
        replicas.TryGetValue(service, out var all) ? all : throw new ArgumentException($"The cluster has no {service}.", nameof(service));

    /// <summary>SIGKILL to one replica.</summary>
    public Task KillAsync(string service, int number = 0) => Replica(service, number).KillAsync();

    /// <summary>Kills one replica if it still runs, starts it on its address and waits until it is ready.</summary>
    public Task RestartAsync(string service, int number = 0, CancellationToken cancellation = default) =>
        Replica(service, number).RestartAsync(options.ReadyWithin, cancellation);

    /// <summary>SIGTERM to every process, gateway first, then the servers the cluster started; processes that had to be killed are named.</summary>
    public async Task<IReadOnlyList<string>> StopAsync(TimeSpan? timeout = null)
    {
        var within = timeout ?? TimeSpan.FromSeconds(30);
        if (replicas.TryGetValue(GatewayName, out var gateway))
            await Task.WhenAll(gateway.Where(process => process.IsRunning).Select(process => process.TerminateAsync(within)));
        var running = Processes.Where(process => process.IsRunning).ToArray();
        var inTime = await Task.WhenAll(running.Select(process => process.TerminateAsync(within)));
        await DisposeAsync();
        return [.. running.Zip(inTime).Where(each => !each.Second).Select(each => each.First.Name)];
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Processes.Select(process => process.DisposeAsync().AsTask()));
        foreach (var server in ownServers)
            await server.DisposeAsync();
        ownServers.Clear();
        temporary?.Dispose();
    }

    private async Task StartServersAsync(CancellationToken cancellation)
    {
        database = options.Database;
        broker = options.Broker;
        var startedDatabase = database is null
            ? PostgreSqlServer.StartAsync(new() { Folder = KeptFolder("postgresql") }, cancellation)
            : Task.FromResult(database);
        var startedBroker = broker is null
            ? RabbitMqServer.StartAsync(new() { Folder = KeptFolder("rabbitmq") }, cancellation)
            : Task.FromResult(broker);
        try
        {
            await Task.WhenAll(startedDatabase, startedBroker);
        }
        finally
        {
            // If one of them failed, the other still has to be ended.
            if (database is null && startedDatabase.IsCompletedSuccessfully)
                ownServers.Add(database = await startedDatabase);
            if (broker is null && startedBroker.IsCompletedSuccessfully)
                ownServers.Add(broker = await startedBroker);
        }
        Say($"Database: {Database.Description}");
        Say($"Broker:   {Broker.Description}");
    }

    private string? KeptFolder(string name) => options.Data is null ? null : Path.Combine(data, name);

    private void Assign()
    {
        var programs = options.Programs ?? BuildOutput.OfThisRepository().Assembly;
        var addresses = Services.ToDictionary(
            service => service,
            service => Enumerable.Range(0, options.ReplicasOf.GetValueOrDefault(service, options.Replicas))
                .Select(_ => new Uri($"http://127.0.0.1:{FreePorts.Next()}"))
                .ToArray());
        var connection = new NpgsqlConnectionStringBuilder(Database.ConnectionString)
        {
            MaxPoolSize = Math.Max(1, ConnectionsForServices / addresses.Values.Sum(urls => urls.Length)),
        };
        var gatewayAddress = new Uri($"http://127.0.0.1:{options.GatewayPort ?? FreePorts.Next()}");
        // Through the gateway: signing keys can be fetched as long as one replica of Identity lives.
        var authority = Origin(gatewayAddress);
        var files = Path.Combine(data, "files");
        Directory.CreateDirectory(files);

        foreach (var (service, urls) in addresses)
        {
            var folder = Path.Combine(data, "services", service);
            Directory.CreateDirectory(folder);
            var settings = new Dictionary<string, string?>(options.Settings)
            {
                ["Tutti__Data"] = folder,
                ["Tutti__Files"] = files,
                ["Tutti__Database__Provider"] = "PostgreSql",
                ["Tutti__Database__ConnectionString"] = connection.ConnectionString,
                ["Tutti__Broker__Transport"] = "RabbitMq",
                ["Tutti__Broker__Url"] = Broker.Url.AbsoluteUri,
                ["Tutti__Identity__Authority"] = authority,
            };
            replicas[service] = [.. urls.Select((url, number) => Process(programs, service, number + 1, url, settings))];
        }

        var gateway = new Dictionary<string, string?>(options.Settings) { ["Tutti__Identity__Authority"] = authority };
        foreach (var (service, urls) in addresses)
            gateway[$"Tutti__Services__{service}"] = string.Join(',', urls.Select(Origin));
        replicas[GatewayName] = [Process(programs, GatewayName, 1, gatewayAddress, gateway)];
    }

    private ServiceProcess Process(Func<string, string> programs, string service, int number, Uri address, Dictionary<string, string?> settings) =>
        new(new ServiceStart
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"{service}-{number}"),
            Assembly = programs($"Tutti.{service}"),
            Address = address,
            Logs = Path.Combine(data, "logs"),
            Settings = settings,
        });

    // More at once than there are processors would only make each slower.
    private Task MigrateAsync(CancellationToken cancellation)
    {
        Say($"Migrating {Services.Count} databases");
        return Parallel.ForEachAsync(
            Services,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation },
            async (service, stop) => await Replica(service).MigrateAsync(options.ReadyWithin, stop));
    }

    private async Task StartProcessesAsync(CancellationToken cancellation)
    {
        var processes = Processes.ToArray();
        Say($"Starting {processes.Length} processes");
        foreach (var process in processes)
            await process.StartAsync();
        await Task.WhenAll(processes.Select(process => process.WaitUntilReadyAsync(options.ReadyWithin, cancellation)));
        Say($"Ready:    {Origin(Url)} (logs: {Path.Combine(data, "logs")})");
    }

    private void Say(string line) => options.Progress?.Invoke(line);

    private static string Origin(Uri address) => address.GetLeftPart(UriPartial.Authority);

    private static InvalidOperationException NotStarted() => new("The cluster's servers have not been started.");
}
