using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>The document of a bulk delivery and the app's answer to it.</summary>
static class BulkRequest
{
    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public static ReadOnlyMemory<byte> Write(Subscription subscription, IEnumerable<BulkItem> items)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("id", Guid.NewGuid().ToString());
        json.WriteString("type", "com.dapr.event.sent.bulk");
        json.WriteString("pubsubname", subscription.PubSubName);
        json.WriteString("topic", subscription.Topic);
        WriteMap(json, new Dictionary<string, string> { ["pubsubName"] = subscription.PubSubName });
        json.WriteStartArray("entries");
        foreach (var item in items)
            WriteItem(json, item);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>
    /// Settled entries by id. An entry that is missing, or whose status is another, is to be tried again.
    /// </summary>
    public static IReadOnlyDictionary<string, AppAnswer> ReadAnswers(ReadOnlySpan<byte> body)
    {
        var answers = new Dictionary<string, AppAnswer>();
        foreach (var s in Parse(body))
            if (s is { EntryId: { } id, Status: "SUCCESS" })
                answers[id] = new(Verdict.Success);
            else if (s is { EntryId: { } dropped, Status: "DROP" })
                answers[dropped] = new(Verdict.Drop, Reason: "the app answered DROP");
        return answers;
    }

    static List<EntryStatus> Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return body.IsEmpty ? [] : JsonSerializer.Deserialize<Statuses>(body, Web)?.List ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    static void WriteItem(Utf8JsonWriter json, BulkItem item)
    {
        json.WriteStartObject();
        json.WriteString("entryId", item.EntryId);
        if (item.IsRaw)
            json.WriteBase64String("event", item.Data.Span);
        else
        {
            json.WritePropertyName("event");
            json.WriteRawValue(item.Data.Span, skipInputValidation: true);
        }
        json.WriteString("contentType", item.IsRaw ? ContentTypes.Binary : ContentTypes.CloudEvent);
        WriteMap(json, item.Metadata);
        json.WriteEndObject();
    }

    static void WriteMap(Utf8JsonWriter json, IReadOnlyDictionary<string, string> map)
    {
        json.WriteStartObject("metadata");
        foreach (var (key, value) in map)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    sealed record Statuses([property: JsonPropertyName("statuses")] List<EntryStatus>? List);

    sealed record EntryStatus(string? EntryId, string? Status);
}
