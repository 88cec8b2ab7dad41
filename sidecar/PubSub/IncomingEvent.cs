using System.Globalization;
using System.Text.Json;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>A message as an event: what the app gets, and its fields for the rules.</summary>
sealed class IncomingEvent : IDisposable
{
    readonly JsonDocument _document;

    IncomingEvent(ReadOnlyMemory<byte> body, JsonDocument document) => (Body, _document) = (body, document);

    public ReadOnlyMemory<byte> Body { get; }

    public JsonElement Fields => _document.RootElement;

    /// <exception cref="JsonException">It is no JSON object.</exception>
    public static IncomingEvent Parse(ReadOnlyMemory<byte> body)
    {
        var document = JsonDocument.Parse(body);
        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return new(body, document);
        document.Dispose();
        throw new JsonException("the message is JSON but no object");
    }

    public string? Text(string field) =>
        Fields.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    public bool IsExpired(DateTimeOffset now) =>
        Text("expiration") is { } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expires)
        && expires < now;

    public void Dispose() => _document.Dispose();
}
