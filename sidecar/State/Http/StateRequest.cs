using System.Text.Json;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.State.Http;

/// <summary>Reads the bodies of the state API. What is malformed is 400 ERR_MALFORMED_REQUEST.</summary>
static class StateRequest
{
    const string MetadataPrefix = "metadata.";

    public static async Task<IReadOnlyList<StateItem>> ReadItemsAsync(HttpRequest request, CancellationToken ct)
    {
        using var body = await ParseAsync(request, ct);
        var query = QueryMetadata(request);
        return [.. Elements(body.RootElement).Select(e => ReadItem(e, query))];
    }

    public static async Task<IReadOnlyList<string>> ReadKeysAsync(HttpRequest request, CancellationToken ct)
    {
        using var body = await ParseAsync(request, ct);
        return body.RootElement.ValueKind == JsonValueKind.Object
            && body.RootElement.TryGetProperty("keys", out var keys)
            ? [.. Elements(keys).Select(k => Text(k, "keys") ?? "")]
            : [];
    }

    public static async Task<IReadOnlyList<StateItem>> ReadOperationsAsync(HttpRequest request, CancellationToken ct)
    {
        using var body = await ParseAsync(request, ct);
        var query = QueryMetadata(request);
        if (body.RootElement.ValueKind != JsonValueKind.Object)
            throw Malformed("the body must be an object with operations");
        return !body.RootElement.TryGetProperty("operations", out var operations)
            ? []
            : ReadOperations(operations, query, "ERR_NOT_SUPPORTED_STATE_OPERATION");
    }

    /// <summary>
    /// A list of <c>{"operation":"upsert"|"delete","request":{…}}</c>, as transactions and actors write it.
    /// </summary>
    public static List<StateItem> ReadOperations(
        JsonElement operations, IReadOnlyDictionary<string, string> query, string unknownOperation)
    {
        List<StateItem> items = [];
        foreach (var o in Elements(operations))
        {
            if (o.ValueKind != JsonValueKind.Object)
                throw Malformed("an operation must be an object");
            var name = Property(o, "operation") is { } n ? Text(n, "operation") : null;
            if (name is not ("upsert" or "delete"))
                throw new ApiException(400, Grpc.Core.StatusCode.InvalidArgument, unknownOperation,
                    $"operation type {name} not supported");
            var item = ReadItem(Property(o, "request") ?? throw Malformed("\"request\" is a required field"), query);
            items.Add(name == "delete" ? item with { Value = null } : item);
        }
        return items;
    }

    public static async Task<JsonDocument> ParseAsync(HttpRequest request, CancellationToken ct)
    {
        try
        {
            return await JsonDocument.ParseAsync(request.Body, default, ct);
        }
        catch (JsonException e)
        {
            throw Malformed(e.Message);
        }
    }

    public static IReadOnlyDictionary<string, string> QueryMetadata(HttpRequest request) =>
        request.Query.Where(q => q.Key.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(q => q.Key[MetadataPrefix.Length..], q => q.Value.ToString(),
                StringComparer.OrdinalIgnoreCase);

    public static ApiException Malformed(string why) => new(400, Grpc.Core.StatusCode.InvalidArgument,
        "ERR_MALFORMED_REQUEST", why.StartsWith('"') ? why : $"failed deserializing HTTP body: {why}");

    static StateItem ReadItem(JsonElement e, IReadOnlyDictionary<string, string> query)
    {
        if (e.ValueKind != JsonValueKind.Object)
            throw Malformed("an item must be an object");
        if (Property(e, "key") is not { } key || Text(key, "key") is not { Length: > 0 } name)
            throw Malformed("\"key\" is a required field");
        Dictionary<string, string> metadata = new(StringComparer.OrdinalIgnoreCase);
        if (Property(e, "metadata") is { ValueKind: JsonValueKind.Object } own)
            foreach (var p in own.EnumerateObject())
                metadata[p.Name] = Text(p.Value, "metadata") ?? "";
        foreach (var (k, v) in query)
            metadata[k] = v;
        var firstWrite = Property(e, "options") is { ValueKind: JsonValueKind.Object } options
            && Property(options, "concurrency") is { } concurrency && Text(concurrency, "concurrency") == "first-write";
        return new(name, Property(e, "value") is { } value ? StateJson.Compact(value) : "null"u8.ToArray(),
            Property(e, "etag") is { } etag ? Text(etag, "etag") : null, firstWrite, metadata);
    }

    static JsonElement? Property(JsonElement o, string name) => o.TryGetProperty(name, out var p) ? p : null;

    static string? Text(JsonElement e, string field) => e.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => e.GetString(),
        _ => throw Malformed($"{field} must be a string, not {e.GetRawText()}"),
    };

    static JsonElement[] Elements(JsonElement e) => e.ValueKind switch
    {
        JsonValueKind.Array => [.. e.EnumerateArray()],
        JsonValueKind.Null => [],
        _ => throw Malformed("a list is expected"),
    };
}
