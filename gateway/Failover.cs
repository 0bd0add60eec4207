using Microsoft.AspNetCore.Mvc;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Tutti.Gateway;

/// <summary>
/// Reading is tried once more on another replica when the first one fails before it has answered; writing never is, because the first may
/// have done it. Who gets no answer from any replica gets a 503 with a code, never an empty body.
/// </summary>
internal static class Failover
{
    internal static async Task InvokeAsync(HttpContext http, Func<Task> next)
    {
        var proxy = http.GetReverseProxyFeature();
        await next();
        if (!HasFailed(http)) return;
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method))
        {
            var others = proxy.AllDestinations.Where(replica => replica != proxy.ProxiedDestination && replica.Health.Active != DestinationHealth.Unhealthy).ToList();
            if (others.Count > 0)
            {
                http.Response.Clear();
                http.Features.Set<IForwarderErrorFeature>(null);
                proxy.AvailableDestinations = others;
                await next();
                if (!HasFailed(http)) return;
            }
        }
        http.Response.Clear();
        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        var details = new ProblemDetails { Status = StatusCodes.Status503ServiceUnavailable, Title = $"The service {proxy.Cluster.Config.ClusterId} does not answer at present; try again in a moment." };
        details.Extensions["code"] = "service.unavailable";
        http.Response.Headers.RetryAfter = "2";
        await http.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(new ProblemDetailsContext { HttpContext = http, ProblemDetails = details });
    }

    /// <summary>Whether no answer came from the service, and the caller still waits for one. What the caller sent wrongly keeps its own status.</summary>
    private static bool HasFailed(HttpContext http) =>
        !http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested
        && http.GetForwarderErrorFeature()?.Error is ForwarderError.Request or ForwarderError.NoAvailableDestinations or ForwarderError.RequestTimedOut
            or ForwarderError.RequestBodyDestination or ForwarderError.ResponseBodyDestination or ForwarderError.ResponseHeaders;
}
