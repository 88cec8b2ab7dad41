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
/// An event on its way: written, then <see cref="SentAt"/> the sidecar took it, then <see cref="ConfirmedAt"/> it came
/// back through the service's own subscription, which alone proves that the broker has routed it.
/// </summary>
public sealed class OutboxMessage : IAwaited
{
    /// <summary>Id of the CloudEvent.</summary>
    public Guid Id { get; set; }
    public required string Type { get; set; }
    [Column(TypeName = "text")]
    public required string Payload { get; set; }
    public string? TraceParent { get; set; }
    public string? RequestId { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    /// <summary>
    /// When the relay may take it. Moved ahead while a relay has it in hand: of one that dies, it comes free by itself.
    /// </summary>
    public DateTimeOffset NextAttemptAt { get; set; }
    public int Attempts { get; set; }
    public DateTimeOffset? SentAt { get; set; }
    /// <summary>When it is sent again unless it has been confirmed.</summary>
    public DateTimeOffset? ConfirmBy { get; set; }
    public DateTimeOffset? ConfirmedAt { get; set; }
}
