using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using CloudPhone.Shared.Hosting;
using Microsoft.AspNetCore.Http;

namespace CloudPhone.Shared.Messaging;

/// <summary>The CloudEvent around an event. A handler that needs it takes it as a parameter.</summary>
/// <param name="Id">The same for every delivery of the event, and for its replay.</param>
/// <param name="Source">App id of the publisher.</param>
/// <param name="RequestId">The request that caused it, from the trace state's <c>cloudphone</c> entry.</param>
public sealed record EventEnvelope(
    string Id, string Type, string Source, string? TraceParent, string? RequestId, JsonElement Data)
{
    internal const string TraceStateKey = "cloudphone";
    const int MaxName = 128;

    /// <summary>How the framework fills a handler's parameter; null outside of a subscription.</summary>
    public static ValueTask<EventEnvelope?> BindAsync(HttpContext http, ParameterInfo parameter) =>
        new(http.Features.Get<EventEnvelope>());

    /// <returns>Null where the bytes are no CloudEvent with id, type and data.</returns>
    internal static EventEnvelope? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            var root = JsonDocument.Parse(json).RootElement;
            return root.ValueKind == JsonValueKind.Object && Name("id") is { } id && Name("type") is { } type
                && root.TryGetProperty("data", out var data)
                ? new(id, type, Text("source") ?? "", Text("traceparent"), RequestIdOf(Text("tracestate")), data)
                : null;

            string? Name(string name) =>
                Text(name) is { Length: > 0 and <= MaxName } text && !text.Any(char.IsControl) ? text : null;

            string? Text(string name) =>
                root.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.String ? v.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // or text that is no Unicode
        {
            return null;
        }
    }

    static string? RequestIdOf(string? traceState) =>
        traceState?.Split(',').Select(e => e.Trim().Split('=', 2)).Where(e => e.Length == 2 && e[0] == TraceStateKey)
            .Select(e => e[1]).FirstOrDefault(Hosting.RequestId.IsValid);

    /// <summary>
    /// Goes on in the trace and the request that caused the event: the sidecar's own headers don't carry them.
    /// </summary>
    internal Activity? Resume() => Cause.Resume($"handle {Type}", RequestId, TraceParent, ActivityKind.Consumer);
}

/// <summary>
/// Unwraps the CloudEvent of a subscription's request, so that the handler's event binds from <c>data</c> like any
/// body, and notes its receipt. An event that does not bind reaches no filter: what is wrong with it is kept here.
/// </summary>
sealed class EventEnvelopeMiddleware(RequestDelegate next, Receipts receipts, HandlerFailures failures)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<SubscriptionMetadata>() is null)
        {
            await next(http);
            return;
        }
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var envelope = EventEnvelope.Parse(body.ToArray())
            ?? throw new BadHttpRequestException("The body is no CloudEvent with id, type and data.");
        using var activity = envelope.Resume();
        Unwrap(http, envelope);
        await receipts.ConfirmAsync(envelope, http.RequestAborted);
        try
        {
            await next(http);
        }
        catch (BadHttpRequestException e)
        {
            await failures.RecordAsync(envelope, e);
            throw;
        }
    }

    internal static void Unwrap(HttpContext http, EventEnvelope envelope)
    {
        http.Features.Set(envelope);
        http.Request.Body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(envelope.Data));
        http.Request.ContentType = "application/json";
        http.Request.ContentLength = http.Request.Body.Length;
    }
}
