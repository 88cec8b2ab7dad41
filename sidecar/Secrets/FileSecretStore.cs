using System.Text.Json;
using CloudPhone.Sidecar.Resources;
using Entries = System.Collections.Generic.IReadOnlyDictionary<string, string>;

namespace CloudPhone.Sidecar.Secrets;

/// <summary>
/// secretstores.local.file: a JSON file, read once. Nested values are secrets named by their path or, multi-valued, the
/// entries of the secret that is named by their first step.
/// </summary>
sealed class FileSecretStore(IReadOnlyDictionary<string, Entries> secrets) : ISecretStore
{
    public static ComponentType Type { get; } = new("secretstores.local.file", CreateAsync);

    public Task<Entries> GetAsync(string name, CancellationToken ct) =>
        secrets.TryGetValue(name, out var entries) ? Task.FromResult(entries)
            : throw new KeyNotFoundException($"secret {name} not found");

    public Task<IReadOnlyDictionary<string, Entries>> GetAllAsync(CancellationToken ct) => Task.FromResult(secrets);

    static async Task<object> CreateAsync(Component component, IServiceProvider services, CancellationToken ct)
    {
        var metadata = component.Metadata;
        var file = metadata.Required("secretsFile");
        var separator = metadata.Get("nestedSeparator", ":");
        var multiValued = metadata.GetBool("multiValued", false);
        try
        {
            await using var stream = File.OpenRead(file);
            using var json = await JsonDocument.ParseAsync(stream, cancellationToken: ct);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                throw metadata.Wrong("secretsFile", $"must name a JSON object: {file}");
            return new FileSecretStore(Read(json.RootElement, separator, multiValued));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw metadata.Wrong("secretsFile", $"can't be read: {e.Message}");
        }
    }

    static Dictionary<string, Entries> Read(JsonElement root, string separator, bool multiValued)
    {
        if (!multiValued)
            return Flatten(root, "", separator)
                .ToDictionary(e => e.Path, e => (Entries)new Dictionary<string, string> { [e.Path] = e.Value });
        return root.EnumerateObject().ToDictionary(p => p.Name, p => (Entries)(
            p.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array
                ? Flatten(p.Value, "", separator).ToDictionary(e => e.Path, e => e.Value)
                : new Dictionary<string, string> { [p.Name] = Scalar(p.Value) }));
    }

    static IEnumerable<Leaf> Flatten(JsonElement value, string path, string separator) => value.ValueKind switch
    {
        JsonValueKind.Object =>
            value.EnumerateObject().SelectMany(p => Flatten(p.Value, Step(path, p.Name, separator), separator)),
        JsonValueKind.Array =>
            value.EnumerateArray().SelectMany((e, i) => Flatten(e, Step(path, $"{i}", separator), separator)),
        _ => [new(path, Scalar(value))],
    };

    static string Scalar(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    static string Step(string path, string name, string separator) => path.Length == 0 ? name : path + separator + name;

    readonly record struct Leaf(string Path, string Value);
}
