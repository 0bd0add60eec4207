using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tutti.ServiceDefaults;

namespace Tutti.Gateway.Tests;

/// <summary>What stands where a replica of a service would: it tells who it is and what it got.</summary>
public sealed class Replica : IAsyncDisposable
{
    private readonly WebApplication app;

    private Replica(WebApplication app) => this.app = app;

    /// <summary>Where it listens.</summary>
    public string Address => app.Urls.Single();

    /// <summary>Methods and paths of the requests that reached it, probes left out.</summary>
    public ConcurrentQueue<string> Got { get; } = [];

    /// <summary>Whether it takes a request and drops the connection without an answer.</summary>
    public bool Drops { get; set; }

    public static async Task<Replica> StartAsync(string name, string address = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address).ConfigureKestrel(options => options.Limits.MaxRequestBodySize = null);
        builder.Services.AddErrors();
        var app = builder.Build();
        var replica = new Replica(app);
        app.UseExceptionHandler();
        app.MapGet("/health/ready", () => "ready");
        app.Map("/api/proposals/refused", () =>
        {
            replica.Got.Enqueue("refused");
            throw RuleViolation.Invalid("proposal.incomplete", "Something is missing.", [new("title", "title.missing", "A title is needed.")]);
        });
        app.Map("/{**path}", async (HttpContext http) =>
        {
            replica.Got.Enqueue($"{http.Request.Method} {http.Request.Path}");
            if (replica.Drops)
            {
                http.Abort();
                return;
            }
            var buffer = new byte[64 * 1024];
            var length = 0L;
            for (int read; (read = await http.Request.Body.ReadAsync(buffer)) > 0;) length += read;
            await http.Response.WriteAsJsonAsync(new Echo(
                name, http.Request.Method, http.Request.Path + http.Request.QueryString, length, http.Request.Host.Value ?? "", http.Request.Headers.Authorization.ToString(),
                http.Request.Headers["X-Forwarded-For"].ToString(), System.Diagnostics.Activity.Current?.TraceId.ToHexString() ?? http.Request.Headers.TraceParent.ToString()));
        });
        await app.StartAsync();
        return replica;
    }

    /// <summary>The connection is refused from now on.</summary>
    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }

    /// <summary>What the replica got.</summary>
    public sealed record Echo(string Name, string Method, string Path, long Length, string Host, string Authorization, string ForwardedFor, string Trace);
}
