using System.Text.Json.Serialization;

namespace CloudPhone.Sidecar.NameResolution.Consul;

/// <summary>The body of <c>PUT /v1/agent/service/register</c>, with Consul's own names.</summary>
sealed record ServiceRegistration
{
    [JsonPropertyName("ID")]
    public required string Id { get; init; }
    public required string Name { get; init; }
    public string? Address { get; init; }
    public int? Port { get; init; }
    public IReadOnlyList<string> Tags { get; init; } = [];
    public IReadOnlyDictionary<string, string> Meta { get; init; } = new Dictionary<string, string>();
    public bool? EnableTagOverride { get; init; }
    public ServiceWeights? Weights { get; init; }
    public IReadOnlyList<ServiceCheck> Checks { get; init; } = [];

    /// <summary>Without the checks' given status: what must show first that it can be reached.</summary>
    public ServiceRegistration Unproven() => this with { Checks = [.. Checks.Select(c => c with { Status = null })] };
}

sealed record ServiceWeights(int Passing, int Warning);

/// <summary>A check of a service. Times are Consul's own texts, like 15s.</summary>
sealed record ServiceCheck
{
    public string? Name { get; init; }
    [JsonPropertyName("CheckID")]
    public string? CheckId { get; init; }
    public string? Interval { get; init; }
    public string? Timeout { get; init; }
    /// <summary>The status before the first probe; null: critical.</summary>
    public string? Status { get; init; }
    public string? Notes { get; init; }
    [JsonPropertyName("HTTP")]
    public string? Http { get; init; }
    public string? Method { get; init; }
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Header { get; init; }
    [JsonPropertyName("TCP")]
    public string? Tcp { get; init; }
    [JsonPropertyName("TLSSkipVerify")]
    public bool? TlsSkipVerify { get; init; }
    public int? SuccessBeforePassing { get; init; }
    public int? FailuresBeforeCritical { get; init; }
    public string? DeregisterCriticalServiceAfter { get; init; }
}
