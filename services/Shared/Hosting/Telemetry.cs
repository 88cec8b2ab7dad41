using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CloudPhone.Shared.Hosting;

/// <summary>
/// Metrics at /metrics for Prometheus and traces to an OTLP collector where OTEL_EXPORTER_OTLP_ENDPOINT names one.
/// Trace context is carried on whether anybody collects it or not.
/// </summary>
public static class Telemetry
{
    const string Name = "CloudPhone";

    /// <summary>Spans of work that no request or event started, like a relay's publishing.</summary>
    public static ActivitySource Source { get; } = new(Name);

    static readonly Meter Meter = new(Name);

    /// <summary>http_client_requests_total{service,method,status}: calls to sibling services.</summary>
    internal static Counter<long> ClientRequests { get; } = Meter.CreateCounter<long>("http_client_requests");

    /// <summary>http_client_request_duration_seconds{service}.</summary>
    internal static Histogram<double> ClientDuration { get; } = Meter.CreateHistogram<double>(
        "http_client_request_duration", "s");

    /// <summary>rabbitmq_published_total{exchange,routing_key}: events that the broker took from the relay.</summary>
    internal static Counter<long> Published { get; } = Meter.CreateCounter<long>("rabbitmq_published");

    /// <summary>rabbitmq_consumed_total{queue}: events handled, doubles included.</summary>
    internal static Counter<long> Consumed { get; } = Meter.CreateCounter<long>("rabbitmq_consumed");

    internal static void AddTelemetry(this WebApplicationBuilder builder, ServiceIdentity identity)
    {
        var export = !string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService(identity.AppId))
            .WithMetrics(m => m.AddMeter(Name).AddAspNetCoreInstrumentation().AddRuntimeInstrumentation()
                .AddPrometheusExporter());
        telemetry.WithTracing(t =>
        {
            t.AddSource(Name).AddAspNetCoreInstrumentation(o => o.Filter = http =>
                !http.Request.Path.StartsWithSegments("/health") && !http.Request.Path.StartsWithSegments("/metrics"));
            t.AddHttpClientInstrumentation();
            if (export)
                t.AddOtlpExporter();
        });
    }
}
