using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using CloudPhone.Notifications.Stored;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Work;

namespace CloudPhone.Notifications.Mail;

/// <summary><c>Skipped</c>: the user wants none. <c>Failed</c>: given up, see the error.</summary>
public enum MailState { Pending, Sent, Skipped, Failed }

/// <summary>
/// A mail to be sent for a notification, whose id it has; it stays when the user deletes the notification.
/// </summary>
public sealed class OutgoingMail : DueRow
{
    public Guid UserId { get; init; }
    [MaxLength(64)]
    public required string Type { get; init; }
    [Column(TypeName = "text")]
    public required string Data { get; init; }
    /// <summary>Goes out even to those who turned mails off.</summary>
    public bool IsAlways { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public MailState State { get; set; }
    public DateTimeOffset? SentAt { get; set; }
    public string? Error { get; set; }

    public static OutgoingMail For(Notification n, bool isAlways) => new()
    {
        Id = n.Id, UserId = n.UserId, Type = n.Type, Data = n.Data, IsAlways = isAlways, CreatedAt = n.CreatedAt,
        NextAttemptAt = n.CreatedAt, RequestId = Shared.Hosting.RequestId.Current, TraceParent = Cause.TraceParent,
    };
}
