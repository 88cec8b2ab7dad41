using System.Text.Json.Serialization;

namespace CloudPhone.Sidecar.NameResolution.Consul;

/// <summary>One instance in the answer of <c>GET /v1/health/service/{name}</c>, as far as it is read.</summary>
sealed record HealthEntry(HealthEntry.NodePart Node, HealthEntry.ServicePart Service)
{
    public sealed record NodePart(string? Address);

    public sealed record ServicePart(string? Address, IReadOnlyDictionary<string, string>? Meta);
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServiceRegistration))]
[JsonSerializable(typeof(HealthEntry[]))]
sealed partial class ConsulJson : JsonSerializerContext;
