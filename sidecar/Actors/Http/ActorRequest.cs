using System.Text.Json;
using CloudPhone.Sidecar.Actors.Reminders;
using CloudPhone.Sidecar.Actors.Timers;
using CloudPhone.Sidecar.App;
using CloudPhone.Sidecar.State.Http;

namespace CloudPhone.Sidecar.Actors.Http;

/// <summary>Reads the bodies of the actor API. What is malformed is 400 ERR_MALFORMED_REQUEST.</summary>
static class ActorRequest
{
    public static async Task<byte[]> ReadBodyAsync(HttpRequest request, CancellationToken ct)
    {
        using var buffer = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, 1 << 20));
        await request.Body.CopyToAsync(buffer, ct);
        return buffer.ToArray();
    }

    public static async Task<TimerRequest> ReadTimerAsync(HttpRequest request, CancellationToken ct)
    {
        using var body = await ParseAsync(request, ct);
        return new(Text(body, "dueTime"), Text(body, "period"), Text(body, "ttl"), Text(body, "callback"), Data(body));
    }

    public static async Task<ReminderRequest> ReadReminderAsync(HttpRequest request, CancellationToken ct)
    {
        using var body = await ParseAsync(request, ct);
        return new(Text(body, "dueTime"), Text(body, "period"), Text(body, "ttl"), Data(body),
            AppConfig.Flag(body.RootElement, "overwrite") ?? true);
    }

    static async Task<JsonDocument> ParseAsync(HttpRequest request, CancellationToken ct)
    {
        var body = await StateRequest.ParseAsync(request, ct);
        if (body.RootElement.ValueKind == JsonValueKind.Object)
            return body;
        body.Dispose();
        throw StateRequest.Malformed("the body must be an object");
    }

    static string Text(JsonDocument body, string field) => AppConfig.Property(body.RootElement, field) switch
    {
        null or { ValueKind: JsonValueKind.Null } => "",
        { ValueKind: JsonValueKind.String } v => v.GetString()!,
        { } other => throw StateRequest.Malformed($"{field} must be a string, not {other.GetRawText()}"),
    };

    static byte[]? Data(JsonDocument body) =>
        AppConfig.Property(body.RootElement, "data") is { ValueKind: not JsonValueKind.Null } data
            ? StateJson.Compact(data)
            : null;
}
