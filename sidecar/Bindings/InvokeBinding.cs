using System.Runtime.InteropServices;
using System.Text.Json;
using CloudPhone.Sidecar.Hosting;
using Grpc.Core;

namespace CloudPhone.Sidecar.Bindings;

/// <summary>POST or PUT /v1.0/bindings/{name} with {operation, data, metadata}; what it gives back is the answer's
/// body.</summary>
static class InvokeBinding
{
    const string HeaderPrefix = "metadata.";

    public static async Task<IResult> HandleAsync(
        string name, HttpContext http, BindingsApi bindings, CancellationToken ct)
    {
        var (operation, request) = await ReadAsync(http.Request, ct);
        var answer = await bindings.InvokeAsync(name, operation, request, ct);
        foreach (var (key, value) in answer.Metadata)
            http.Response.Headers[HeaderPrefix + key] = value;
        return answer.Data is { Length: > 0 } data ? TypedResults.Bytes(data, "application/json")
            : TypedResults.NoContent();
    }

    static async Task<(string Operation, BindingData Request)> ReadAsync(HttpRequest http, CancellationToken ct)
    {
        try
        {
            using var json = await JsonDocument.ParseAsync(http.Body, cancellationToken: ct);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                throw Malformed("the body must be an object");
            var operation = root.TryGetProperty("operation", out var o) ? Text(o, "operation")
                : throw Malformed("operation is missing");
            var metadata = root.TryGetProperty("metadata", out var m) && m.ValueKind != JsonValueKind.Null ? Texts(m)
                : [];
            var data = root.TryGetProperty("data", out var d) && d.ValueKind != JsonValueKind.Null
                ? Data(d) : null;
            return (operation, new(data, metadata));
        }
        catch (JsonException e)
        {
            throw Malformed(e.Message);
        }
    }

    /// <summary>As the runtime, which writes again what it has read: without blanks. A text, which may be a large
    /// file's part, is the same either way.</summary>
    static byte[] Data(JsonElement data) => data.ValueKind == JsonValueKind.String
        ? JsonMarshal.GetRawUtf8Value(data).ToArray() : JsonSerializer.SerializeToUtf8Bytes(data);

    static Dictionary<string, string> Texts(JsonElement metadata) => metadata.ValueKind == JsonValueKind.Object
        ? metadata.EnumerateObject().ToDictionary(p => p.Name, p => Text(p.Value, $"metadata.{p.Name}"))
        : throw Malformed("metadata must be an object");

    static string Text(JsonElement value, string field) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Malformed($"{field} must be a string");

    static ApiException Malformed(string why) =>
        new(400, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", $"failed deserializing HTTP body: {why}");
}
