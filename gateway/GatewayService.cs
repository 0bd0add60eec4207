using Tutti.ServiceDefaults;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Transforms;

namespace Tutti.Gateway;

/// <summary>The one door: routes to the services' replicas, tokens checked at the edge, limits, and the documentation of all services.</summary>
public static class GatewayService
{
    /// <summary>Largest upload that is let through, bytes, unless <c>Tutti:Reduction:MaxUploadBytes</c> says otherwise.</summary>
    public const long MaxUploadBytes = 256 * 1024 * 1024;

    // What a form adds around its files, as Reduction allows it; Reduction counts the files themselves.
    private const long FormOverhead = 16L << 20;

    /// <summary>Where the services' replicas are: <c>Tutti:Services:{Key}</c>, comma-separated.</summary>
    private static readonly (string Name, string Key)[] services =
        [.. Docs.Services.Select(name => (name, name == "cellpool" ? "CellPool" : char.ToUpperInvariant(name[0]) + name[1..]))];

    /// <summary>Adds routes, health checks of the replicas, the proxies that are believed, and limits.</summary>
    public static WebApplicationBuilder AddGateway(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        builder.Logging.AddFilter("Yarp", LogLevel.Warning);
        builder.Services.AddReverseProxy()
            .LoadFromMemory([.. Routes(configuration)], [.. services.Select(service => Cluster(
                service.Name, configuration[$"Tutti:Services:{service.Key}"] ?? "", TimeSpan.FromSeconds(configuration.GetValue("Tutti:Gateway:ProbeSeconds", 2.0))))])
            // A host that is gone must not hold a caller for longer than it takes to ask the next one.
            .ConfigureHttpClient((_, handler) => handler.ConnectTimeout = TimeSpan.FromSeconds(2));
        builder.Services.AddSingleton<IPassiveHealthCheckPolicy, LeaveOutWhoFails>();
        builder.Services.Configure<ConsecutiveFailuresHealthPolicyOptions>(options => options.DefaultThreshold = 1);
        builder.AddKnownProxies();
        builder.AddRequestLimits();
        return builder;
    }

    /// <summary>Maps everything at the public paths, which are those of the services.</summary>
    public static void MapGateway(this WebApplication app)
    {
        app.UseKnownProxies();
        app.UseRateLimiter();
        app.MapDocs();
        app.MapReverseProxy(proxy =>
        {
            proxy.Use(Failover.InvokeAsync);
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        });
    }

    private static IEnumerable<RouteConfig> Routes(IConfiguration configuration)
    {
        foreach (var (name, _) in services)
        {
            yield return Route(name, "documentation", $"/openapi/{name}.json", anonymous: true);
            yield return Route(name, "api", $"/api/{name}/{{**rest}}", anonymous: false) with
            {
                MaxRequestBodySize = name == "reduction" ? Math.Min(configuration.GetValue("Tutti:Reduction:MaxUploadBytes", MaxUploadBytes), Array.MaxLength) + FormOverhead : null,
            };
        }
        var read = Route("catalogue", "read", "/api/catalogue/{**rest}", anonymous: true);
        yield return read with { Order = -1, Match = new RouteMatch { Path = read.Match.Path, Methods = ["GET", "HEAD"] } };
        // Calendar programs cannot log in: the secret in the path is checked by the service.
        yield return Route("scheduling", "feeds", "/api/scheduling/feeds/{**rest}", anonymous: true) with { Order = -1 };
        yield return Route("identity", "tokens", "/connect/{**rest}", anonymous: true);
        yield return Route("identity", "discovery", "/.well-known/{**rest}", anonymous: true);
    }

    private static RouteConfig Route(string service, string what, string path, bool anonymous) => new RouteConfig
    {
        RouteId = $"{service}-{what}",
        ClusterId = service,
        Match = new RouteMatch { Path = path },
        AuthorizationPolicy = anonymous ? "anonymous" : "default",
    }.WithTransformUseOriginalHostHeader();

    private static ClusterConfig Cluster(string name, string addresses, TimeSpan probes) => new()
    {
        ClusterId = name,
        LoadBalancingPolicy = "RoundRobin",
        Destinations = addresses.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select((address, number) => (Id: $"{name}-{number + 1}", address))
            .ToDictionary(replica => replica.Id, replica => new DestinationConfig { Address = replica.address }),
        HealthCheck = new HealthCheckConfig
        {
            Active = new ActiveHealthCheckConfig
            {
                Enabled = true, Path = "/health/ready", Policy = "ConsecutiveFailures", Timeout = TimeSpan.FromSeconds(5), Interval = probes,
            },
            Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = LeaveOutWhoFails.PolicyName, ReactivationPeriod = TimeSpan.FromSeconds(5) },
        },
    };
}
