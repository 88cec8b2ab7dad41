using System.ComponentModel.DataAnnotations.Schema;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Work;

namespace CloudPhone.Shared.Messaging;

/// <summary>
/// The only way to publish: the event is written with the change that it tells of, and the relay sends it.
/// </summary>
public sealed class Outbox(ServiceDb db, TimeProvider clock)
{
    /// <summary>Adds the event to the context's changes; it exists once these are saved.</summary>
    public void Add<TEvent>(TEvent e) where TEvent : IEvent
    {
        var now = clock.GetUtcNow();
        db.Outbox.Add(new()
        {
            Id = Guid.CreateVersion7(now), Type = TEvent.EventName, Payload = JsonSerializer.Serialize(
                e, EventJson.Options),
            TraceParent = Cause.TraceParent, RequestId = RequestId.Current, CreatedAt = now, NextAttemptAt = now,
        });
    }
}

/// <summary>
/// An event on its way: written, then <see cref="SentAt"/> it went to the sidecar, then <see cref="ConfirmedAt"/> it
/// came back through the service's own subscription, which alone proves that the broker has routed it.
/// </summary>
public sealed class OutboxMessage : IAwaited
{
    /// <summary>Id of the CloudEvent.</summary>
    public Guid Id { get; set; }
    /// <summary>The <see cref="IEvent.EventName"/>: type of the CloudEvent and routing key.</summary>
    public required string Type { get; set; }
    /// <summary>The event as <see cref="EventJson"/> writes it: the CloudEvent's data.</summary>
    [Column(TypeName = "text")]
    public required string Payload { get; set; }
    /// <summary>The W3C trace that caused it; null outside of one.</summary>
    public string? TraceParent { get; set; }
    /// <summary>The request that caused it; null where none did.</summary>
    public string? RequestId { get; set; }
    /// <summary>When it was added to the context, a little before its commit.</summary>
    public DateTimeOffset CreatedAt { get; set; }
    /// <summary>When the relay may take it.</summary>
    public DateTimeOffset NextAttemptAt { get; set; }
    /// <summary>How often the sidecar was asked to take it, without refusals since it first did.</summary>
    public int Attempts { get; set; }
    /// <summary>
    /// When a relay began to send it. Null: none has, the sidecar did not take it, or it is to be sent again.
    /// </summary>
    public DateTimeOffset? SentAt { get; set; }
    /// <summary>When it is sent again unless it has been confirmed.</summary>
    public DateTimeOffset? ConfirmBy { get; set; }
    /// <summary>Null: it has not come back. Kept for 7 days after.</summary>
    public DateTimeOffset? ConfirmedAt { get; set; }
}
