using System.Globalization;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources.Yaml;

namespace CloudPhone.Sidecar.Resources;

/// <summary>Reads the Configuration resource, variables of the environment put in.</summary>
static class ConfigurationReader
{
    public static Configuration Load(SidecarOptions options)
    {
        if (options.ConfigPath is not { Length: > 0 } file)
            return new();
        var documents = YamlFile.Documents(file, t => EnvironmentExpansion.Expand(t, file, options));
        if (documents.Count != 1)
            throw new ConfigurationException(
                $"{file}: must hold exactly one Configuration, not {documents.Count} resources.");
        var resource = documents[0].Fields;
        if (resource.Required("kind") is not "Configuration" and var kind)
            throw resource.Wrong("kind", $"is '{kind}'; --config takes a Configuration");
        if (resource.Required("apiVersion") is not "dapr.io/v1alpha1" and var version)
            throw resource.Wrong("apiVersion", $"is '{version}'; known: dapr.io/v1alpha1");
        resource.Map("metadata").Required("name");
        var configuration = Spec(resource.Map("spec"));
        resource.RejectUnknown();
        return configuration;
    }

    static Configuration Spec(YamlFields spec)
    {
        var configuration = new Configuration
        {
            Tracing = Tracing(spec.Map("tracing")),
            NameResolution = spec.Has("nameResolution") ? spec.Map("nameResolution") : null,
            Features = Features(spec),
            MetricsEnabled = Metrics(spec.Map("metrics")) && Metrics(spec.Map("metric")),
        };
        spec.RejectUnknown();
        return configuration;
    }

    static TracingSettings Tracing(YamlFields tracing)
    {
        double? rate = tracing.Text("samplingRate") switch
        {
            null or "" => null,
            var t when double.TryParse(t, NumberStyles.Float, CultureInfo.InvariantCulture, out var r)
                && r is >= 0 and <= 1 => r,
            var t => throw tracing.Wrong("samplingRate", $"must be a number from 0 to 1, not '{t}'"),
        };
        var otel = tracing.Has("otel") ? Otel(tracing.Map("otel")) : null;
        tracing.RejectUnknown();
        return new(rate, otel);
    }

    static OtelExporter Otel(YamlFields otel)
    {
        var exporter = new OtelExporter(
            otel.Required("endpointAddress"), otel.Required("protocol"), otel.Flag("isSecure", fallback: true));
        if (exporter.Protocol is not ("grpc" or "http"))
            throw otel.Wrong("protocol", $"is '{exporter.Protocol}'; known: grpc, http");
        otel.RejectUnknown();
        return exporter;
    }

    static Dictionary<string, bool> Features(YamlFields spec)
    {
        var features = new Dictionary<string, bool>();
        foreach (var feature in spec.Maps("features"))
        {
            features[feature.Required("name")] = feature.Flag("enabled");
            feature.RejectUnknown();
        }
        return features;
    }

    static bool Metrics(YamlFields metrics)
    {
        var enabled = metrics.Flag("enabled", fallback: true);
        metrics.RejectUnknown();
        return enabled;
    }
}
