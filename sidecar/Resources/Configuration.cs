namespace CloudPhone.Sidecar.Resources;

/// <summary>The Configuration resource of one sidecar, as far as it is used here.</summary>
public sealed record Configuration
{
    public TracingSettings Tracing { get; init; } = new();
    public NameResolutionSettings? NameResolution { get; init; }
    public IReadOnlyDictionary<string, bool> Features { get; init; } = new Dictionary<string, bool>();
    public bool MetricsEnabled { get; init; } = true;
}

/// <param name="SamplingRate">0 to 1; null where the Configuration has no tracing at all, which is not the
/// same.</param>
public sealed record TracingSettings(double? SamplingRate = null, OtelExporter? Otel = null);

public sealed record OtelExporter(string EndpointAddress, string Protocol, bool IsSecure);

public sealed record NameResolutionSettings(
    string Component, string Version, IReadOnlyDictionary<string, object?> Configuration);
