using Microsoft.AspNetCore.HttpOverrides;

namespace Tutti.Gateway;

/// <summary>
/// Who is believed when it says for whom it asks: a proxy in one of the networks of <c>Tutti:Gateway:KnownNetworks</c> (as
/// <c>10.0.0.0/8</c>, comma-separated; none by default). The last address in its <c>X-Forwarded-For</c>, the one it saw itself, is then the
/// caller's, for the limits here and for the services. What anybody else writes there counts for nothing.
/// </summary>
internal static class KnownProxies
{
    private const string Setting = "Tutti:Gateway:KnownNetworks";

    internal static void AddKnownProxies(this WebApplicationBuilder builder)
    {
        var networks = Read(builder.Configuration);
        builder.Services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var network in networks) options.KnownIPNetworks.Add(network);
        });
    }

    internal static void UseKnownProxies(this WebApplication app)
    {
        // Without any network ASP.NET would believe everybody.
        if (Read(app.Configuration).Count > 0) app.UseForwardedHeaders();
    }

    private static List<System.Net.IPNetwork> Read(IConfiguration configuration) =>
    [
        .. (configuration[Setting] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(text => System.Net.IPNetwork.TryParse(text, out var network)
                ? network
                : throw new InvalidOperationException($"{Setting}: \"{text}\" is no network; 10.0.0.0/8 would be one.")),
    ];
}
