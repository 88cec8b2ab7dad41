namespace CloudPhone.Sidecar.Secrets;

public interface ISecretStore
{
    /// <summary>The secret's entries by key (one key of its own name for single values).</summary>
    /// <exception cref="KeyNotFoundException">The store has no such secret.</exception>
    Task<IReadOnlyDictionary<string, string>> GetAsync(string name, CancellationToken ct);

    Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(CancellationToken ct);
}
