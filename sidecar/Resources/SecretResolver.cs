using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Secrets;

namespace CloudPhone.Sidecar.Resources;

/// <summary>Puts secrets, environment variables and the sidecar's own names into a component's metadata.</summary>
sealed partial class SecretResolver(ComponentRegistry registry, SidecarOptions options, ILogger log)
{
    public async Task<Component> ResolveAsync(ComponentSpec spec, CancellationToken ct)
    {
        var values = new Dictionary<string, string>();
        foreach (var item in spec.Metadata)
            values[item.Name] = item switch
            {
                { Secret: { } secret } => await SecretAsync(spec, item.Name, secret, ct),
                { EnvironmentVariable: { } name } => Variable(spec, item.Name, name),
                _ => Template(spec, item),
            };
        return new(spec.Name, spec.Type, spec.Version, new(spec.Name, spec.File, values), spec.IgnoreErrors,
            spec.InitTimeout, spec.File);
    }

    async Task<string> SecretAsync(ComponentSpec spec, string field, SecretKeyRef secret, CancellationToken ct)
    {
        var store = registry.Find<ISecretStore>(spec.SecretStore!)
            ?? throw Wrong(spec, field, $"auth.secretStore '{spec.SecretStore}' is not a loaded secret store");
        try
        {
            var entries = await store.GetAsync(secret.Name, ct);
            if (entries.GetValueOrDefault(secret.Key) is { } value)
                return value;
        }
        catch (KeyNotFoundException)
        {
        }
        throw Wrong(spec, field,
            $"the secret store '{spec.SecretStore}' has no secret '{secret.Name}' with the key '{secret.Key}'");
    }

    string Variable(ComponentSpec spec, string field, string name)
    {
        // The runtime's own rule: a component must not read what protects the sidecar itself.
        if (name is "APP_API_TOKEN" || name.StartsWith("DAPR_", StringComparison.Ordinal))
            throw Wrong(spec, field, $"envRef must not name {name}");
        if (options.Environment.TryGetValue(name, out var value))
            return value;
        NotSet(log, spec.Name, field, name);
        return "";
    }

    string Template(ComponentSpec spec, MetadataItem item)
    {
        var text = item.Value ?? "";
        if (!text.Contains('{'))
            return text;
        if (text.Contains("{podName}"))
            text = text.Replace("{podName}", options.Environment.GetValueOrDefault("POD_NAME")
                ?? throw Wrong(spec, item.Name, "refers to {podName}, but POD_NAME is not set"));
        return text.Replace("{appID}", options.AppId)
            .Replace("{namespace}", $"{options.Namespace}.{options.AppId}")
            .Replace("{uuid}", Guid.NewGuid().ToString());
    }

    static ConfigurationException Wrong(ComponentSpec spec, string field, string why) =>
        new($"{spec.File}: component '{spec.Name}': spec.metadata '{field}': {why}.");

    [LoggerMessage(
        4, LogLevel.Warning, "component {Component}: {Field} is empty, for the environment variable {Name} is not set")]
    static partial void NotSet(ILogger log, string component, string field, string name);
}
