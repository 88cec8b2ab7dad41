using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>What an event gets from its publication.</summary>
/// <param name="Trace">A traceparent or "".</param>
/// <param name="Expires">Set where the broker cannot expire messages itself.</param>
sealed record EnvelopeContext(
    string AppId, string PubSubName, string Topic, string Trace, DateTimeOffset Now, DateTimeOffset? Expires);

/// <summary>CloudEvents 1.0 in JSON, with the fields that the runtime gives them.</summary>
static class Envelope
{
    const string DefaultType = "com.dapr.event.sent", DefaultSource = "Dapr";
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Wraps plain data; <c>cloudevent.*</c> metadata set single fields.</summary>
    public static byte[] Wrap(
        ReadOnlySpan<byte> data, string contentType, IReadOnlyDictionary<string, string> metadata,
        EnvelopeContext context)
    {
        var buffer = new ArrayBufferWriter<byte>(data.Length + 512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("id", Override("id") ?? Guid.NewGuid().ToString());
            json.WriteString("specversion", "1.0");
            json.WriteString("source", Override("source") ?? context.AppId);
            json.WriteString("type", Override("type") ?? DefaultType);
            if (Override("subject") is { } subject)
                json.WriteString("subject", subject);
            json.WriteString("time", Time(context.Now));
            json.WriteString("datacontenttype", contentType);
            json.WriteString("traceid", Override("traceid") ?? context.Trace);
            json.WriteString("traceparent", Override("traceparent") ?? context.Trace);
            json.WriteString("tracestate", Override("tracestate") ?? "");
            WriteOrigin(json, context);
            WriteData(json, data, contentType);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();

        string? Override(string field) =>
            MessageMetadata.Find(metadata, "cloudevent." + field) is { Length: > 0 } value ? value : null;
    }

    /// <summary>
    /// Completes an event that the app made itself: its own fields and extensions stay, but for the trace and the
    /// origin.
    /// </summary>
    /// <exception cref="JsonException">It is no JSON object.</exception>
    public static byte[] Complete(ReadOnlyMemory<byte> cloudEvent, EnvelopeContext context)
    {
        using var document = JsonDocument.Parse(cloudEvent);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new JsonException("a CloudEvent is a JSON object");
        var buffer = new ArrayBufferWriter<byte>(cloudEvent.Length + 256);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            foreach (var field in document.RootElement.EnumerateObject())
                if (!IsOverwritten(field.Name, context))
                    field.WriteTo(json);
            Fill("specversion", "1.0");
            Fill("source", DefaultSource);
            Fill("type", DefaultType);
            Fill("time", Time(context.Now));
            Fill("tracestate", "");
            json.WriteString("traceid", context.Trace);
            json.WriteString("traceparent", context.Trace);
            WriteOrigin(json, context);
            json.WriteEndObject();

            void Fill(string name, string value)
            {
                if (!document.RootElement.TryGetProperty(name, out _))
                    json.WriteString(name, value);
            }
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>An event for a subscriber of raw payloads; its id is new each time.</summary>
    public static byte[] FromRaw(ReadOnlySpan<byte> data, string pubSubName, string topic)
    {
        var buffer = new ArrayBufferWriter<byte>(data.Length * 2 + 256);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("id", Guid.NewGuid().ToString());
            json.WriteString("specversion", "1.0");
            json.WriteString("source", DefaultSource);
            json.WriteString("type", DefaultType);
            json.WriteString("datacontenttype", ContentTypes.Binary);
            json.WriteString("topic", topic);
            json.WriteString("pubsubname", pubSubName);
            json.WriteBase64String("data_base64", data);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    static bool IsOverwritten(string name, EnvelopeContext context) =>
        name is "topic" or "pubsubname" or "traceid" or "traceparent"
            || (name == "expiration" && context.Expires is not null);

    static void WriteOrigin(Utf8JsonWriter json, EnvelopeContext context)
    {
        json.WriteString("topic", context.Topic);
        json.WriteString("pubsubname", context.PubSubName);
        if (context.Expires is { } expires)
            json.WriteString("expiration", Time(expires));
    }

    static void WriteData(Utf8JsonWriter json, ReadOnlySpan<byte> data, string contentType)
    {
        if (ContentTypes.Is(contentType, ContentTypes.Binary))
            json.WriteBase64String("data_base64", data);
        else if (ContentTypes.Is(contentType, ContentTypes.Json) && IsJson(data))
        {
            json.WritePropertyName("data");
            json.WriteRawValue(data, skipInputValidation: true);
        }
        else
            json.WriteString("data", Encoding.UTF8.GetString(data));
    }

    static bool IsJson(ReadOnlySpan<byte> data)
    {
        try
        {
            var reader = new Utf8JsonReader(data);
            if (!reader.Read())
                return false;
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
