using System.Diagnostics;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CloudPhone.Sidecar.Api;

/// <summary>
/// The sidecar's own spans between those of its callers and its app, by the Configuration's tracing. With sampling
/// off there are none and a caller's headers pass as they are.
/// </summary>
sealed class TraceContext : IDisposable
{
    public const string ParentHeader = "traceparent", StateHeader = "tracestate";

    readonly ActivitySource _source;
    readonly ActivityListener? _listener;
    readonly TracerProvider? _exporting;

    public TraceContext(SidecarOptions options, Configuration configuration)
    {
        SamplingRate = configuration.Tracing.SamplingRate;
        _source = new($"CloudPhone.Sidecar.{options.AppId}");
        if (!IsOn)
            return;
        if (configuration.Tracing.Otel is { } otel)
            _exporting = Export(options.AppId, otel);
        else
            ActivitySource.AddActivityListener(_listener = new()
            {
                ShouldListenTo = s => ReferenceEquals(s, _source), Sample = Sample,
            });
    }

    /// <summary>As configured; null where the Configuration says nothing.</summary>
    public double? SamplingRate { get; }

    public bool IsOn => SamplingRate > 0;

    /// <summary>
    /// A span of this sidecar: a child of the given W3C traceparent, the root of a new trace where that is missing
    /// or broken. Its <see cref="Activity.Id"/> is the traceparent to hand on. Null while sampling is off: hand on
    /// what came in. Dispose of it to end the span.
    /// </summary>
    public Activity? Start(string name, ActivityKind kind, string? traceparent, string? tracestate)
    {
        if (!IsOn)
            return null;
        if (ActivityContext.TryParse(traceparent, tracestate, isRemote: true, out var parent))
            return _source.StartActivity(name, kind, parent);
        Activity.Current = null;
        return _source.StartActivity(name, kind);
    }

    public Activity? Start(string name, ActivityKind kind, IHeaderDictionary from) =>
        Start(name, kind, from.TraceParent, from.TraceState);

    /// <summary>A traceparent of a new trace, for what must carry one while sampling is off; not sampled.</summary>
    public static string NewUnsampled() =>
        $"00-{ActivityTraceId.CreateRandom().ToHexString()}-{ActivitySpanId.CreateRandom().ToHexString()}-00";

    public void Dispose()
    {
        _exporting?.Dispose();
        _listener?.Dispose();
        _source.Dispose();
    }

    /// <summary>As the parent decided; a root by its trace id, so that all sidecars decide alike.</summary>
    ActivitySamplingResult Sample(ref ActivityCreationOptions<ActivityContext> options)
    {
        var sampled = options.Parent.TraceId != default
            ? (options.Parent.TraceFlags & ActivityTraceFlags.Recorded) != 0
            : SamplingRate >= 1 || Share(options.TraceId) < SamplingRate;
        return sampled ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.PropagationData;
    }

    static double Share(ActivityTraceId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.CopyTo(bytes);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) / (double)ulong.MaxValue;
    }

    TracerProvider Export(string appId, OtelExporter otel)
    {
        var scheme = otel.IsSecure ? "https" : "http";
        var endpoint = otel.EndpointAddress.Contains("://", StringComparison.Ordinal)
            ? otel.EndpointAddress : $"{scheme}://{otel.EndpointAddress}";
        var http = otel.Protocol == "http";
        return Sdk.CreateTracerProviderBuilder()
            .AddSource(_source.Name)
            .ConfigureResource(r => r.AddService(appId))
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(Math.Min(1, SamplingRate!.Value))))
            .AddOtlpExporter(o =>
            {
                o.Protocol = http ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
                o.Endpoint = new(http && new Uri(endpoint).AbsolutePath == "/"
                    ? $"{endpoint.TrimEnd('/')}/v1/traces" : endpoint);
            })
            .Build();
    }
}
