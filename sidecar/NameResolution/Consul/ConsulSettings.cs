namespace CloudPhone.Sidecar.NameResolution.Consul;

/// <summary>The configuration of the name resolution component <c>consul</c>.</summary>
sealed record ConsulSettings(ConsulEndpoint Endpoint, HealthQuery Query)
{
    /// <summary>What is registered; null: this sidecar is not registered by itself.</summary>
    public ServiceRegistration? Registration { get; init; }

    public bool SelfDeregister { get; init; }

    /// <summary>Instances are followed by a blocking query instead of being asked for with each call.</summary>
    public bool UseCache { get; init; }

    /// <summary>The entry of a service's meta that holds its sidecar's internal port.</summary>
    public string PortMetaKey { get; init; } = "DAPR_PORT";

    /// <summary>Host and internal port under which others know this sidecar.</summary>
    public required string OwnAuthority { get; init; }
}

/// <summary>The Consul agent and how to speak to it.</summary>
/// <param name="Authorization">Value of that header; null: none.</param>
/// <param name="Wait">Most that a blocking query may wait.</param>
sealed record ConsulEndpoint(Uri Address, string? Token, string? Authorization, TimeSpan Wait);

/// <summary>How healthy instances are asked for.</summary>
/// <param name="Parameters">Query parameters beside <c>passing</c>, encoded, each with its ampersand before it.</param>
/// <param name="Token">In place of the endpoint's; null: that.</param>
/// <param name="CacheControl">Null: none.</param>
sealed record HealthQuery(string Parameters, string? Token, string? CacheControl);
