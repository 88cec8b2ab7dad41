using CloudPhone.Sidecar.Resources.Yaml;

namespace CloudPhone.Sidecar.Resources;

/// <summary>The Configuration resource of one sidecar, as far as it is used here.</summary>
sealed record Configuration
{
    public TracingSettings Tracing { get; init; } = new();
    /// <summary>As written, for the component that it names to read; null: not there.</summary>
    internal YamlFields? NameResolution { get; init; }
    public IReadOnlyDictionary<string, bool> Features { get; init; } = new Dictionary<string, bool>();
    public bool MetricsEnabled { get; init; } = true;
}

/// <param name="SamplingRate">0 to 1; null where the Configuration has no tracing at all, which is not the
/// same.</param>
sealed record TracingSettings(double? SamplingRate = null, OtelExporter? Otel = null);

/// <summary>Where spans go.</summary>
/// <param name="EndpointAddress">Host and port, with or without a scheme.</param>
/// <param name="Protocol"><c>grpc</c> or <c>http</c>.</param>
sealed record OtelExporter(string EndpointAddress, string Protocol, bool IsSecure);
