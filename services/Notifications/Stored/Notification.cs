using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Work;

namespace CloudPhone.Notifications.Stored;

public enum Priority { Low, Medium, High, Critical }

/// <summary>
/// What one event tells one user. Its texts are made when it is read, from the event and the reader's language.
/// </summary>
public sealed class Notification : IEntity, IAwaited
{
    public Guid Id { get; init; }
    /// <summary>The CloudEvent's id: with the user it is unique, whatever is delivered twice.</summary>
    [MaxLength(128)]
    public required string EventId { get; init; }
    /// <summary>Empty for what concerns the operators, who share one list.</summary>
    public Guid UserId { get; init; }
    /// <summary>The event's name.</summary>
    [MaxLength(64)]
    public required string Type { get; init; }
    public Priority Priority { get; init; }
    /// <summary>The event as JSON.</summary>
    [Column(TypeName = "text")]
    public required string Data { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ReadAt { get; set; }
    /// <summary>When it was given to the open connections.</summary>
    public DateTimeOffset? PushedAt { get; set; }

    /// <summary>The shared list of the operators.</summary>
    public static readonly Guid Operators = Guid.Empty;
}
