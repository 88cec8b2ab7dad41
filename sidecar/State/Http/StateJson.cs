using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CloudPhone.Sidecar.State.Http;

/// <summary>One key's answer of a bulk get.</summary>
sealed record BulkItem(string Key, JsonElement? Data, string? Etag, IReadOnlyDictionary<string, string>? Metadata)
{
    public static BulkItem Of(string key, StateValue? value) =>
        new(key, value is null ? null : AsJson(value.Data), value is { ETag.Length: > 0 } ? value.ETag : null,
            StateContent.ExpiryText(value) is { } expiry
                ? new Dictionary<string, string> { ["ttlExpireTime"] = expiry }
                : null);

    /// <summary>What gRPC saved need not be JSON; it shows as base64.</summary>
    static JsonElement AsJson(byte[] data)
    {
        try
        {
            return JsonDocument.Parse(data).RootElement;
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(Convert.ToBase64String(data), StateJson.Default.String);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(List<BulkItem>))]
[JsonSerializable(typeof(string))]
sealed partial class StateJson : JsonSerializerContext
{
    static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The JSON without blanks and without needless escapes.</summary>
    public static byte[] Compact(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
            value.WriteTo(writer);
        return buffer.WrittenSpan.ToArray();
    }
}
