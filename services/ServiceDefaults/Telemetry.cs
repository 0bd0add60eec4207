using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Tutti.ServiceDefaults;

/// <summary>Traces and metrics of Tutti's own parts; exported by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
public static class Telemetry
{
    /// <summary>Name of the activity source and meter.</summary>
    public const string Name = "Tutti";

    /// <summary>Spans of outbox, jobs and planner.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    /// <summary>Instruments of outbox, jobs and planner.</summary>
    public static Meter Meter { get; } = new(Name);

    internal static Histogram<double> OutboxLag { get; } = Meter.CreateHistogram<double>("tutti.outbox.lag", "s", "From commit of an event until the broker has it.");

    internal static Counter<long> SetAside { get; } = Meter.CreateCounter<long>("tutti.outbox.set_aside", "{row}", "Rows that could not be read.");

    internal static Counter<long> DeadLetters { get; } = Meter.CreateCounter<long>("tutti.dead_letters", "{message}", "Messages whose consumer failed for good.");

    /// <summary>Whether an address is itself a secret, as those of calendar feeds are: it must not be in a trace.</summary>
    internal static bool HoldsSecret(string? path) => path?.Contains("/feeds/", StringComparison.OrdinalIgnoreCase) == true;

    internal static void AddTelemetry(this WebApplicationBuilder builder)
    {
        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is null) return;
        builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddSource(Name, "MassTransit")
                .AddAspNetCoreInstrumentation(options => options.Filter = http => !HoldsSecret(http.Request.Path.Value))
                .AddHttpClientInstrumentation(options => options.FilterHttpRequestMessage = http => !HoldsSecret(http.RequestUri?.AbsolutePath)))
            .WithMetrics(metrics => metrics.AddMeter(Name, "MassTransit").AddAspNetCoreInstrumentation().AddRuntimeInstrumentation())
            .UseOtlpExporter();
    }
}
