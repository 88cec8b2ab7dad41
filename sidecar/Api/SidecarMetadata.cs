using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Nodes;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.Api;

/// <summary>A building block's part of GET /v1.0/metadata, like its subscriptions or active actors.</summary>
interface IMetadataContributor
{
    void AddTo(JsonObject metadata);
}

/// <summary>What the sidecar tells about itself, by HTTP and gRPC.</summary>
sealed class SidecarMetadata(
    SidecarOptions options, ComponentRegistry components, IEnumerable<IMetadataContributor> contributors)
{
    public static string RuntimeVersion { get; } = typeof(SidecarMetadata).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>What apps added by PUT /v1.0/metadata/{key}.</summary>
    public ConcurrentDictionary<string, string> Extended { get; } = new();

    public JsonObject ToJson()
    {
        var metadata = new JsonObject
        {
            ["id"] = options.AppId,
            ["runtimeVersion"] = RuntimeVersion,
            ["components"] = new JsonArray([.. components.All.Select(c => new JsonObject
            {
                ["name"] = c.Component.Name,
                ["type"] = c.Component.Type,
                ["version"] = c.Component.Version is { Length: > 0 } v ? v : "v1",
                ["capabilities"] = new JsonArray([.. c.Type.Capabilities.Select(x => JsonValue.Create(x))]),
            })]),
            ["extended"] = new JsonObject(Extended.Select(e => KeyValuePair.Create(e.Key, (JsonNode?)e.Value))
                .Append(new("daprRuntimeVersion", RuntimeVersion))),
            ["actorRuntime"] = new JsonObject
            {
                ["runtimeStatus"] = "DISABLED", ["hostReady"] = false, ["placement"] = "placement: disconnected",
            },
        };
        if (options.AppPort is not null)
            metadata["appConnectionProperties"] = AppConnection();
        foreach (var contributor in contributors)
            contributor.AddTo(metadata);
        return metadata;
    }

    JsonObject AppConnection()
    {
        var app = new JsonObject
        {
            ["port"] = options.AppPort, ["protocol"] = "http", ["channelAddress"] = options.AppChannelAddress,
        };
        if (options.AppMaxConcurrency > 0)
            app["maxConcurrency"] = options.AppMaxConcurrency;
        if (options.EnableAppHealthCheck)
            app["health"] = new JsonObject
            {
                ["healthCheckPath"] = options.AppHealthCheckPath,
                ["healthProbeInterval"] = GoDuration.Format(options.AppHealthProbeInterval),
                ["healthProbeTimeout"] = GoDuration.Format(options.AppHealthProbeTimeout),
                ["healthThreshold"] = options.AppHealthThreshold,
            };
        return app;
    }
}
