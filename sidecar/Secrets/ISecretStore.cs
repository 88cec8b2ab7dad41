namespace CloudPhone.Sidecar.Secrets;

/// <summary>Where GET /v1.0/secrets/{name} and the secretKeyRef of components look.</summary>
interface ISecretStore
{
    /// <summary>The secret's entries by key (one key of its own name for single values).</summary>
    /// <exception cref="KeyNotFoundException">The store has no such secret.</exception>
    Task<IReadOnlyDictionary<string, string>> GetAsync(string name, CancellationToken ct);

    /// <summary>Every secret, by its name.</summary>
    Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(CancellationToken ct);
}
