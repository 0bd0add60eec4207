using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.Gateway.Tests;

/// <summary>The gateway on a real port, in front of two replicas that stand for every service.</summary>
public sealed class RunningGateway : IAsyncDisposable
{
    public static readonly Person Maria = new("Maria", "battery-group", Roles.Proposer);
    public static readonly Person Luka = new("Luka", "battery-group", Roles.Proposer);

    private readonly TemporaryFolder data;
    private readonly WebApplication app;
    private readonly Uri address;

    private RunningGateway(WebApplication app, Uri address, Replica first, Replica second, TemporaryFolder data) =>
        (this.app, this.address, First, Second, this.data) = (app, address, first, second, data);

    public Replica First { get; private set; }

    public Replica Second { get; }

    public static async Task<RunningGateway> StartAsync(params (string Name, string Value)[] settings)
    {
        var data = new TemporaryFolder("gateway");
        var (first, second) = (await Replica.StartAsync("first"), await Replica.StartAsync("second"));
        var builder = WebApplication.CreateBuilder([
            "--urls=http://127.0.0.1:0", $"--Tutti:Data={data.Path}", "--Tutti:Gateway:ProbeSeconds=0.2",
            .. ((string[])["Catalogue", "Proposals", "CellPool", "Reduction", "Identity"]).Select(service => $"--Tutti:Services:{service}={first.Address},{second.Address}"),
            .. settings.Select(setting => $"--{setting.Name}={setting.Value}"),
        ]);
        builder.Logging.ClearProviders();
        builder.AddTuttiDefaults();
        builder.AddGateway();
        var app = builder.Build();
        app.UseTuttiDefaults();
        app.MapGateway();
        await app.StartAsync();
        return new RunningGateway(app, new Uri(app.Urls.Single()), first, second, data);
    }

    public Uri Address => address;

    public HttpClient Anonymous() => new() { BaseAddress = address };

    public HttpClient As(Person person)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", person.Token(Authorization.ReadSigningKey(app.Configuration), TimeProvider.System));
        return client;
    }

    public static async Task<Replica.Echo> EchoAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {body}");
        return JsonSerializer.Deserialize<Replica.Echo>(body, JsonSerializerOptions.Web) ?? throw new JsonException("null");
    }

    /// <summary>The first replica comes back on its old address.</summary>
    public async Task RestartFirstAsync(string oldAddress) => First = await Replica.StartAsync("first", oldAddress);

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        await First.DisposeAsync();
        await Second.DisposeAsync();
        data.Dispose();
    }
}
