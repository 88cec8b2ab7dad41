using System.Buffers;
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
    static readonly FileStreamOptions Written =
        new() { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0, Options = FileOptions.Asynchronous };

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
        await using (var target = new FileStream(file, Written))
        {
            await target.WriteAsync(Decode(data), ct);
            await DiskSync.RunAsync(() =>
            {
                target.Flush(flushToDisk: true); // whoever is told that it is kept can rely on it
                for (var folder = file; folder != root.Folder && (folder = Path.GetDirectoryName(folder)) is not null;)
                    DiskSync.Folder(folder);
            }, ct);
        }
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
    /// decoded. Without detours by characters, for parts of files come here, many and large.</summary>
    static ReadOnlyMemory<byte> Decode(byte[] data)
    {
        ReadOnlyMemory<byte> text = data;
        if (data is [(byte)'"', ..] && TryUnquote(data, out var unquoted))
            text = unquoted;
        if (text.Span.ContainsAny((byte)' ', (byte)'\t') || !Base64.IsValid(text.Span, out var length))
            return text;
        var bytes = new byte[length];
        return Base64.DecodeFromUtf8(text.Span, bytes, out _, out var n) == OperationStatus.Done ? bytes.AsMemory(0, n)
            : text;
    }

    static bool TryUnquote(byte[] json, out ReadOnlyMemory<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            text = reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!)
                : json.AsMemory(1, reader.ValueSpan.Length);
            return !reader.Read();
        }
        catch (JsonException)
        {
            text = default; // Raw bytes that only begin with a quote.
            return false;
        }
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
