using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.Bindings.LocalStorage;

/// <summary>bindings.localstorage: files under a folder, by the operations create, get, list and delete.</summary>
sealed class LocalStorageBinding(StorageRoot root) : IOutputBinding
{
    const string FileName = "fileName";

    static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    static readonly Dictionary<string, string> NoMetadata = [];

    public static ComponentType Type { get; } = new("bindings.localstorage", Create);

    public IReadOnlyList<string> Operations { get; } = ["create", "get", "list", "delete"];

    public async Task<BindingData> InvokeAsync(string operation, BindingData request, CancellationToken ct)
    {
        var name = request.Metadata.GetValueOrDefault(FileName);
        return new(operation switch
        {
            "create" => await CreateAsync(
                name is { Length: > 0 } ? name : Guid.NewGuid().ToString(), request.Data ?? [], ct),
            "get" => await File.ReadAllBytesAsync(Resolve(name), ct),
            "list" => List(root.Resolve(name ?? "")),
            _ => Delete(Resolve(name)),
        }, NoMetadata);
    }

    async Task<byte[]> CreateAsync(string name, byte[] data, CancellationToken ct)
    {
        var file = Resolve(name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, Decode(data), ct);
        return JsonSerializer.SerializeToUtf8Bytes(new { fileName = name }, Json);
    }

    static byte[] List(string path)
    {
        IEnumerable<string> files = File.Exists(path) ? [path]
            : Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories);
        return JsonSerializer.SerializeToUtf8Bytes(files.Order(StringComparer.Ordinal), Json);
    }

    static byte[]? Delete(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"file not found: {Path.GetFileName(path)}");
        File.Delete(path);
        return null;
    }

    string Resolve(string? name)
    {
        if (name is not { Length: > 0 })
            throw new ArgumentException($"metadata {FileName} is required");
        var path = root.Resolve(name);
        return root.IsRoot(path) ? throw new ArgumentException($"'{name}' names no file") : path;
    }

    /// <summary>The runtime's rule: a JSON string is its text, and whatever then happens to be valid Base64 is
    /// decoded.</summary>
    static byte[] Decode(byte[] data)
    {
        if (data is [(byte)'"', ..])
            try
            {
                data = Encoding.UTF8.GetBytes(JsonSerializer.Deserialize<string>(data)!);
            }
            catch (JsonException)
            {
                // Raw bytes that only begin with a quote.
            }
        return !data.AsSpan().ContainsAny((byte)' ', (byte)'\t') && Base64.IsValid(data)
            ? Convert.FromBase64String(Encoding.ASCII.GetString(data)) : data;
    }

    static Task<object> Create(Component component, IServiceProvider services, CancellationToken ct)
    {
        var metadata = component.Metadata;
        InputRoute.Know(component);
        var path = metadata.Required("rootPath");
        if (StorageRoot.WhyForbidden(path) is { } why)
            throw metadata.Wrong("rootPath", why);
        var root = new StorageRoot(path);
        try
        {
            root.Create();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw metadata.Wrong("rootPath", $"can't be used: {e.Message}");
        }
        return Task.FromResult<object>(new LocalStorageBinding(root));
    }
}
