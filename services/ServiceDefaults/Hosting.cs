using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.ServiceDefaults;

/// <summary>What every process of Tutti has: errors, tokens, JSON rules, health, telemetry, OpenAPI. Plain functions a service calls.</summary>
public static class Hosting
{
    /// <summary>Largest body of an ordinary request, bytes; uploads set their own.</summary>
    public const long MaxRequestBody = 2 * 1024 * 1024;

    /// <summary>The folder for databases and files of this installation.</summary>
    public static string DataFolder(IConfiguration configuration) =>
        Directory.CreateDirectory(configuration["Tutti:Data"] ?? "data").FullName;

    /// <summary>
    /// Begins a process. Settings are found beside the program, whatever folder it is started in; a data folder in that folder is not watched
    /// for changed settings.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder(string[] args) =>
        WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

    /// <summary>Adds the defaults to a process.</summary>
    public static WebApplicationBuilder AddTuttiDefaults(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = MaxRequestBody;
        });
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("MassTransit", LogLevel.Warning);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.ConfigureHttpJsonOptions(options => Json.CopyStrictTo(options.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.AddErrors().AddTokens(builder.Configuration);
        builder.Services.AddHealthChecks().AddCheck("process", () => HealthCheckResult.Healthy());
        builder.AddTelemetry();
        return builder;
    }

    /// <summary>Adds the middleware in the order that all services share, and the health routes.</summary>
    public static WebApplication UseTuttiDefaults(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use((context, next) => context.Request.Path.Value?.Contains('\0', StringComparison.Ordinal) == true || context.Request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true
            ? throw new BadHttpRequestException("An address must not contain the character U+0000.")
            : next(context));
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = check => check.Name == "process" }).AllowAnonymous();
        // Without the broker a service still takes in what people say, and tells it later: it stays ready.
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => !check.Tags.Contains(Bus.HealthTag) }).AllowAnonymous();
        app.MapHealthChecks("/health/broker", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Bus.HealthTag) }).AllowAnonymous();
        return app;
    }

    /// <summary>
    /// Runs the process. <c>migrate</c> as first argument creates and migrates its databases, declares its queues, and ends. Embedded, the
    /// databases are migrated at start; on a server a start with an old database is refused.
    /// </summary>
    public static async Task<int> RunTuttiAsync(this WebApplication app, string[] args)
    {
        if (args.FirstOrDefault() != "migrate" && UnusableAddress(app.Configuration) is { } reason)
        {
            await Console.Error.WriteLineAsync(reason);
            return 1;
        }
        var databases = app.Services.GetServices<Database.Registration>().ToList();
        var embedded = Database.ProviderOf(app.Configuration) == DatabaseProvider.Sqlite || app.Configuration.GetValue("Tutti:MigrateAtStart", false);
        using var only = embedded ? LockDataFolder(app.Configuration) : null;
        if (embedded && only is null)
        {
            await Console.Error.WriteLineAsync($"The data folder {DataFolder(app.Configuration)} is in use by another process.");
            return 1;
        }
        if (args.FirstOrDefault() == "migrate" || embedded)
        {
            foreach (var database in databases) await database.Migrate(app.Services, CancellationToken.None);
            if (args.FirstOrDefault() == "migrate")
            {
                await Bus.DeclareQueuesAsync(app.Services);
                return 0;
            }
        }
        foreach (var database in databases)
        {
            if (await database.IsCurrent(app.Services, CancellationToken.None)) continue;
            await Console.Error.WriteLineAsync($"The database of {database.Name} is not current: run this program with the argument 'migrate' first.");
            return 1;
        }
        await app.RunAsync();
        return 0;
    }

    /// <summary>Why the process could not listen where it is told to; asked before anything is begun.</summary>
    private static string? UnusableAddress(IConfiguration configuration)
    {
        foreach (var address in (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // "+" and "*" stand for every interface.
            if (!Uri.TryCreate(address.Replace("//+", "//0.0.0.0", StringComparison.Ordinal).Replace("//*", "//0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                return $"{address} is no address to listen on; write it like http://127.0.0.1:8080.";
            if (url.Port == 0) continue;
            try
            {
                // Bound, not listening: a client must not be let in and dropped again.
                var host = IPAddress.TryParse(url.DnsSafeHost, out var named) ? named : IPAddress.Loopback;
                using var probe = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                probe.Bind(new IPEndPoint(host, url.Port));
            }
            catch (SocketException taken)
            {
                return $"{address} cannot be listened on: {taken.Message}.";
            }
        }
        return null;
    }

    private static FileStream? LockDataFolder(IConfiguration configuration)
    {
        try
        {
            return new FileStream(Path.Combine(DataFolder(configuration), "tutti.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
