using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.Secrets;

/// <summary>secretstores.local.env: each environment variable is a secret. What protects the sidecar itself is not
/// among them.</summary>
sealed class EnvironmentSecretStore(IReadOnlyDictionary<string, string> environment, string prefix) : ISecretStore
{
    public static ComponentType Type { get; } =
        new("secretstores.local.env", (component, services, _) => Task.FromResult<object>(
        new EnvironmentSecretStore(
            services.GetRequiredService<SidecarOptions>().Environment, component.Metadata.Get("prefix", ""))));

    /// <summary>A variable that is not set is an empty secret, as the runtime has it.</summary>
    public Task<IReadOnlyDictionary<string, string>> GetAsync(string name, CancellationToken ct)
    {
        var variable = prefix + name;
        var value = IsAllowed(variable) ? environment.GetValueOrDefault(variable, "") : "";
        return Task.FromResult<IReadOnlyDictionary<string, string>>(Entry(name, value));
    }

    public Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(CancellationToken ct) =>
        Task.FromResult<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>>(environment
            .Where(e => e.Key.StartsWith(prefix, StringComparison.Ordinal) && IsAllowed(e.Key))
            .ToDictionary(
                e => e.Key[prefix.Length..],
                e => (IReadOnlyDictionary<string, string>)Entry(e.Key[prefix.Length..], e.Value)));

    static bool IsAllowed(string variable) =>
        !variable.Equals("APP_API_TOKEN", StringComparison.OrdinalIgnoreCase)
        && !variable.StartsWith("DAPR_", StringComparison.OrdinalIgnoreCase);

    static Dictionary<string, string> Entry(string name, string value) => new() { [name] = value };
}
