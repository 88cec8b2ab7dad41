using System.ComponentModel.DataAnnotations.Schema;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Shared.Messaging;

/// <summary>
/// An event that this service could not handle, kept with what went wrong until an operator replays it.
/// </summary>
public sealed class DeadLetter : IEntity
{
    /// <summary>The <see cref="SystemDeadLetter.DeadLetterId"/>, by which it is replayed.</summary>
    public Guid Id { get; set; }
    /// <summary>Of the CloudEvent; made from its content for a message that is none.</summary>
    public required string EventId { get; set; }
    /// <summary>The CloudEvent's type; <c>unknown</c> for a message that is none.</summary>
    public required string EventName { get; set; }
    /// <summary>The CloudEvent as it came.</summary>
    [Column(TypeName = "text")]
    public required string Envelope { get; set; }
    /// <summary>What the handler said last, as type and message, or why none was asked.</summary>
    [System.ComponentModel.DataAnnotations.MaxLength(2000)]
    public required string Error { get; set; }
    /// <summary>When it came here last: a failed replay does not move it, another failed delivery does.</summary>
    public DateTimeOffset FailedAt { get; set; }
    /// <summary>Null: an operator still has to look at it.</summary>
    public DateTimeOffset? ReplayedAt { get; set; }
}

/// <param name="Id">The <see cref="SystemDeadLetter.DeadLetterId"/>.</param>
public sealed record ReplayRequest(Guid Id);

/// <param name="Outcome"><c>replayed</c>, <c>failed</c> (see <paramref name="Error"/>) or <c>unknown</c>.</param>
public sealed record ReplayResult(string Outcome, string? Error = null);

static class DeadLetterRoutes
{
    const string UnknownEvent = "unknown";
    /// <summary>
    /// A message whose acknowledgement was lost comes again within that; the same content later is another message.
    /// </summary>
    static readonly TimeSpan Redelivery = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Keeps the event and tells operators; an event that failed again updates its row. The same message may come
    /// twice: that is told once.
    /// </summary>
    public static async Task Keep(
        HttpRequest request, ServiceDb db, Outbox outbox, Receipts receipts, ServiceIdentity service,
            EndpointDataSource endpoints, TimeProvider clock, CancellationToken ct)
    {
        using var content = new MemoryStream();
        await request.Body.CopyToAsync(content, ct);
        var body = Unwrap(content.ToArray()).Replace('\0', '\uFFFD'); // which PostgreSQL can't keep
        var envelope = EventEnvelope.Parse(Encoding.UTF8.GetBytes(body));
        using var activity = envelope?.Resume();
        if (envelope is not null && HandlerOf(endpoints, envelope.Type) is null
            && (envelope.Source == service.AppId || envelope.Type == SystemDeadLetter.EventName))
        {
            await receipts.ConfirmAsync(envelope, ct); // it waited too long for nothing but this
            return;
        }
        var now = clock.GetUtcNow();
        await db.InTransactionAsync(async () =>
        {
            var eventId = envelope?.Id ?? IdOf(body);
            if (await db.Inbox.AnyAsync(i => i.EventId == eventId, ct))
                return; // a double of one that was handled, or a replay overtook this delivery
            var failure = await db.HandlerFailures.Where(f => f.EventId == eventId).Select(f => f.Error)
                .SingleOrDefaultAsync(ct);
            var letter = await db.DeadLetters.SingleOrDefaultAsync(d => d.EventId == eventId, ct);
            if (letter is { ReplayedAt: null } && failure is null && now - letter.FailedAt < Redelivery)
                return; // told, and not tried since
            if (letter is null)
                db.Add(letter = new()
                {
                    Id = Guid.CreateVersion7(now), EventId = eventId,
                    EventName = envelope?.Type ?? UnknownEvent, Envelope = body, Error = "",
                });
            var error = failure ?? (envelope is null ? "The message is no CloudEvent."
                : "It expired or overflowed in the queue, or no handler was reached.");
            (letter.Error, letter.FailedAt, letter.ReplayedAt) = (error, now, null);
            // a dead letter about a dead letter would go round for ever
            if (letter.EventName != SystemDeadLetter.EventName)
                outbox.Add(new SystemDeadLetter(letter.Id, service.AppId, eventId, letter.EventName, error, now));
            await db.SaveChangesAsync(ct);
            // what stands there the next time is of another try
            await db.HandlerFailures.Where(f => f.EventId == eventId).ExecuteDeleteAsync(ct);
        }, ct);
    }

    /// <summary>
    /// The message as it stands in the queue: a raw subscription gets it in the <c>data_base64</c> of an event that its
    /// sidecar has made.
    /// </summary>
    static string Unwrap(byte[] content)
    {
        try
        {
            using var made = JsonDocument.Parse(content);
            if (made.RootElement.ValueKind == JsonValueKind.Object
                && made.RootElement.TryGetProperty("data_base64", out var data)
                && data.TryGetBytesFromBase64(out var message))
                return Encoding.UTF8.GetString(message);
        }
        catch (JsonException)
        {
            // no sidecar has wrapped it
        }
        return Encoding.UTF8.GetString(content);
    }

    /// <summary>A message that is no CloudEvent has none: the same content is the same message.</summary>
    static string IdOf(string body) =>
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(body)).AsSpan(0, 16)).ToString();

    static Endpoint? HandlerOf(EndpointDataSource endpoints, string eventName) => endpoints.Endpoints.FirstOrDefault(
        e => e.Metadata.GetMetadata<SubscriptionMetadata>()?.EventName == eventName);

    /// <summary>
    /// Runs the handler again, in this service alone and with the same event id: the inbox still keeps doubles away.
    /// </summary>
    public static async Task<Ok<ReplayResult>> Replay(
        ReplayRequest request, ServiceDb db, EndpointDataSource endpoints, IServiceScopeFactory scopes,
            TimeProvider clock, CancellationToken ct)
    {
        if (await db.DeadLetters.FindAsync([request.Id], ct) is not { } letter)
            return TypedResults.Ok(new ReplayResult("unknown", "There is no such dead letter."));
        var handler = HandlerOf(endpoints, letter.EventName);
        if (handler?.RequestDelegate is null
            || EventEnvelope.Parse(Encoding.UTF8.GetBytes(letter.Envelope)) is not { } envelope)
            return TypedResults.Ok(new ReplayResult("failed", $"This service has no handler for {letter.EventName}."));
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = ct };
            http.Request.Method = HttpMethods.Post;
            http.SetEndpoint(handler);
            http.Features.Set<IHttpRequestBodyDetectionFeature>(new HasBody());
            EventEnvelopeMiddleware.Unwrap(http, envelope);
            using var activity = envelope.Resume();
            await handler.RequestDelegate(http);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return TypedResults.Ok(new ReplayResult("failed", e.Message));
        }
        letter.ReplayedAt = clock.GetUtcNow();
        await db.SaveChangesAsync(ct);
        return TypedResults.Ok(new ReplayResult("replayed"));
    }

    /// <summary>A context that no server made has to say so itself.</summary>
    sealed class HasBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => true;
    }
}
