using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Tutti.ServiceDefaults.Probe;
using Tutti.Testing;

namespace Tutti.ServiceDefaults.Tests;

/// <summary>One database and one set of queues, and the hosts that work on them: one after another, or several replicas.</summary>
public sealed class Installation : IAsyncDisposable
{
    private readonly TemporaryFolder folder;
    private readonly List<ProbeHost> hosts = [];

    private Installation(TemporaryFolder folder, Dictionary<string, string?> settings) => (this.folder, Settings) = (folder, settings);

    /// <summary>Configuration of every host.</summary>
    public Dictionary<string, string?> Settings { get; }

    /// <summary>Folder with databases and keys.</summary>
    public string Data => folder.Path;

    /// <summary>In front of the name of every queue.</summary>
    public string Prefix => Settings.GetValueOrDefault("Tutti:Broker:Prefix") ?? "";

    /// <summary>On what this pass of the tests runs on.</summary>
    public static Task<Installation> CreateAsync() => TestEngine.IsServers ? OnServersAsync() : Task.FromResult(Embedded());

    /// <summary>On SQLite and the broker in memory, in every pass.</summary>
    public static Installation Embedded()
    {
        var folder = new TemporaryFolder("probe");
        return new Installation(folder, TestEngine.Embedded(folder.Path));
    }

    /// <summary>On PostgreSQL and RabbitMQ, in every pass.</summary>
    public static async Task<Installation> OnServersAsync(RabbitMqServer? broker = null)
    {
        var folder = new TemporaryFolder("probe");
        return new Installation(folder, await TestEngine.ServersAsync(folder.Path, broker));
    }

    /// <summary>Starts a host; it is ended with the installation, or before by the test.</summary>
    public async Task<ProbeHost> StartAsync(Script? script = null, TimeProvider? time = null, Func<ProbeHost, Task>? beforeStart = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = folder.Path });
        builder.Configuration.AddInMemoryCollection(Settings);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        if (time is not null) builder.Services.Replace(ServiceDescriptor.Singleton(time));
        var traffic = new Traffic();
        builder.Services.AddSingleton(traffic);
        var app = await ProbeService.BuildAsync(builder, script ?? new Script(), bus =>
        {
            bus.AddPublishObserver(_ => traffic);
            foreach (var queue in (string[])[WhenProposalClosed.Queue, AlsoWhenProposalClosed.Queue, ExperimentLifecycle.Queue])
                traffic.Watch(bus, Prefix + queue);
        });
        var host = new ProbeHost(app, this, traffic);
        hosts.Add(host);
        if (beforeStart is not null) await beforeStart(host);
        await app.StartAsync();
        // Ready with its queues: what a test puts on the bus itself must not get lost.
        foreach (var health in (string[])["/health/ready", "/health/broker"])
            await Poll.UntilAsync(async stop => (await host.Client().GetAsync(new Uri(health, UriKind.Relative), stop)).IsSuccessStatusCode, TimeSpan.FromSeconds(60), () => "the host is ready");
        return host;
    }

    /// <summary>The same service as a process of its own.</summary>
    public ServiceProcess Process() => new(new ServiceStart
    {
        Name = "probe",
        Assembly = BuildOutput.OfThisRepository().Assembly("Tutti.ServiceDefaults.Probe"),
        Address = new Uri($"http://127.0.0.1:{FreePorts.Next()}"),
        Logs = folder.Path,
        Settings = Settings.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value),
    });

    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts) await host.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Npgsql.NpgsqlConnection.ClearAllPools();
        folder.Dispose();
    }
}
