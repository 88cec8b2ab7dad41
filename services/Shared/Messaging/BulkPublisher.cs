using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;

namespace CloudPhone.Shared.Messaging;

/// <summary>
/// Publishes many events by one call of the sidecar's HTTP API. (The client library's bulk call gives all entries the
/// same metadata; here each needs its own.)
/// </summary>
sealed class BulkPublisher(HttpClient http)
{
    /// <summary>Longer than the sidecar's policy for it.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(12);
    static readonly Uri Address = new($"/v1.0/publish/bulk/{Topology.PubSub}/{Topology.Events}", UriKind.Relative);

    /// <returns>Ids of the messages that were not taken.</returns>
    /// <exception cref="HttpRequestException">The sidecar can't be reached, or refused all.</exception>
    public async Task<IReadOnlySet<Guid>> PublishAsync(IReadOnlyList<OutboxMessage> messages, CancellationToken ct)
    {
        var body = new ArrayBufferWriter<byte>(messages.Count * 1024);
        Write(body, messages);
        using var content = new ReadOnlyMemoryContent(body.WrittenMemory);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await http.PostAsync(Address, content, ct);
        if (response.IsSuccessStatusCode)
            return new HashSet<Guid>();
        var text = await response.Content.ReadAsStringAsync(ct);
        return FailedEntries(text)
            ?? throw new HttpRequestException($"publish answered {(int)response.StatusCode}: {text}");
    }

    internal static void Write(IBufferWriter<byte> body, IReadOnlyList<OutboxMessage> messages)
    {
        using var json = new Utf8JsonWriter(body);
        json.WriteStartArray();
        foreach (var m in messages)
        {
            json.WriteStartObject();
            json.WriteString("entryId", m.Id);
            json.WritePropertyName("event");
            json.WriteRawValue(m.Payload, skipInputValidation: true);
            json.WriteString("contentType", "application/json");
            json.WriteStartObject("metadata");
            json.WriteString("routingKey", m.Type);
            json.WriteString("cloudevent.id", m.Id);
            json.WriteString("cloudevent.type", m.Type);
            // extensions of an event are dropped on the way and its own trace is overwritten; only these are carried
            // through
            if (m.TraceParent is not null)
            {
                json.WriteString("cloudevent.traceparent", m.TraceParent);
                json.WriteString("cloudevent.traceid", m.TraceParent);
            }
            if (m.RequestId is not null)
                json.WriteString("cloudevent.tracestate", $"{EventEnvelope.TraceStateKey}={m.RequestId}");
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static HashSet<Guid>? FailedEntries(string answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            return json.RootElement.TryGetProperty("failedEntries", out var failed)
                && failed.ValueKind == JsonValueKind.Array
                ? [.. failed.EnumerateArray().Select(f => f.GetProperty("entryId").GetGuid())] : null;
        }
        catch (Exception e) when (
            e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }
}
