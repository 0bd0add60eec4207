using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;

namespace Tutti.Identity.SigningIn;

/// <summary>
/// How often one address may ask for a token: <c>Tutti:Identity:TokensPerMinute</c>, and on the same machine, where the demo and load
/// tests sign in, <c>Tutti:Identity:LocalTokensPerMinute</c>.
/// </summary>
internal static class SignInLimits
{
    internal const string Policy = "identity-tokens";

    private static readonly TimeSpan window = TimeSpan.FromMinutes(1);

    internal static void AddSignInLimits(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var (elsewhere, here) = (configuration.GetValue("Tutti:Identity:TokensPerMinute", 60), configuration.GetValue("Tutti:Identity:LocalTokensPerMinute", 6000));
        var believed = TokenServer.IsBehindGateway(configuration);
        builder.Services.AddRateLimiter(limits => limits.AddPolicy(Policy, new PerAddress(elsewhere, here, believed)));
    }

    /// <summary>The caller's address: what a gateway on the same machine or a private network tells, else the connection's; null within the process.</summary>
    private static IPAddress? AddressOf(HttpContext http, bool believed)
    {
        var direct = http.Connection.RemoteIpAddress;
        if (!believed && direct is not null && !IPAddress.IsLoopback(direct)) return direct;
        var told = http.Request.Headers["X-Forwarded-For"].ToString();
        return IPAddress.TryParse(told.AsSpan()[(told.LastIndexOf(',') + 1)..].Trim(), out var forwarded) ? forwarded : direct;
    }

    private sealed class PerAddress(int elsewhere, int here, bool believed) : Microsoft.AspNetCore.RateLimiting.IRateLimiterPolicy<string>
    {
        // The token endpoint speaks OAuth, also here.
        public Func<Microsoft.AspNetCore.RateLimiting.OnRejectedContext, CancellationToken, ValueTask>? OnRejected { get; } = async (context, cancel) =>
        {
            var response = context.HttpContext.Response;
            response.StatusCode = StatusCodes.Status429TooManyRequests;
            response.Headers.RetryAfter = ((int)window.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            await response.WriteAsJsonAsync(
                new { error = "temporarily_unavailable", error_description = "Too many tokens were asked for from this address; try again in a minute.", code = "request.too-many" }, cancel);
        };

        public RateLimitPartition<string> GetPartition(HttpContext httpContext)
        {
            var address = AddressOf(httpContext, believed);
            var limit = address is null || IPAddress.IsLoopback(address) ? here : elsewhere;
            return RateLimitPartition.GetSlidingWindowLimiter(address?.ToString() ?? "", _ => new SlidingWindowRateLimiterOptions
            {
                PermitLimit = limit, Window = window, SegmentsPerWindow = 6, QueueLimit = 0,
            });
        }
    }
}
