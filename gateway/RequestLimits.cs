using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Tutti.ServiceDefaults;

namespace Tutti.Gateway;

/// <summary>
/// How much one person, or one address without a token, may ask: <c>Tutti:Gateway:RequestsPerMinute</c>; from the same machine, where the
/// demo and load tests run, <c>Tutti:Gateway:LocalRequestsPerMinute</c>. More is answered 429 by the shared error handling.
/// </summary>
internal static class RequestLimits
{
    private const int Segments = 6;
    private static readonly TimeSpan window = TimeSpan.FromMinutes(1);

    internal static void AddRequestLimits(this WebApplicationBuilder builder)
    {
        var elsewhere = builder.Configuration.GetValue("Tutti:Gateway:RequestsPerMinute", 1_200);
        var here = builder.Configuration.GetValue("Tutti:Gateway:LocalRequestsPerMinute", 1_000_000);
        builder.Services.AddRateLimiter(limits =>
        {
            limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limits.OnRejected = (context, _) =>
            {
                context.HttpContext.Response.Headers.RetryAfter = ((int)window.TotalSeconds / Segments).ToString(CultureInfo.InvariantCulture);
                return ValueTask.CompletedTask;
            };
            limits.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, (string Who, int Limit)>(http =>
            {
                if (http.Request.Path.StartsWithSegments("/health")) return RateLimitPartition.GetNoLimiter((Who: "", Limit: 0));
                var address = http.Connection.RemoteIpAddress;
                var who = http.User.Identity?.IsAuthenticated == true ? http.User.Id.ToString() : address?.ToString() ?? "";
                var limit = address is null || IPAddress.IsLoopback(address) ? here : elsewhere;
                return RateLimitPartition.GetSlidingWindowLimiter((Who: who, Limit: limit), partition => new SlidingWindowRateLimiterOptions
                {
                    PermitLimit = partition.Limit, Window = window, SegmentsPerWindow = Segments, QueueLimit = 0,
                });
            });
        });
    }
}
