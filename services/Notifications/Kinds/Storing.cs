using CloudPhone.Contracts;
using CloudPhone.Notifications.Mail;
using CloudPhone.Notifications.Stored;
using CloudPhone.Shared.Messaging;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Notifications.Kinds;

static class Storing
{
    /// <summary>Writes the notification, and with it the mail that goes out for it.</summary>
    public static async Task StoreAsync<TEvent>(
        Kind<TEvent> kind, TEvent e, EventEnvelope envelope, NotificationsDb db, NotificationOptions options,
        TimeProvider clock, CancellationToken ct) where TEvent : IEvent
    {
        var recipient = kind.Recipient(e);
        if (kind.Also is { } also)
            await also(e, db, ct);
        if (kind.IsTold?.Invoke(e) == false)
            return;
        // the inbox forgets after a week; a double that comes later still finds this
        if (await db.Notifications.AnyAsync(n => n.EventId == envelope.Id && n.UserId == recipient, ct))
            return;
        var priority = kind.IsMinor?.Invoke(e) == true ? Priority.Low : kind.Priority;
        var now = clock.GetUtcNow();
        var notification = new Notification
        {
            Id = Guid.CreateVersion7(now), EventId = envelope.Id, UserId = recipient, Type = TEvent.EventName,
            Priority = priority, Data = envelope.Data.GetRawText(), CreatedAt = now,
            ReadAt = kind.IsQuiet ? now : null,
        };
        if (!kind.IsMailOnly)
            db.Add(notification);
        var isMailed = kind.Mail == MailRule.Always
            || (kind.Mail == MailRule.Wanted && (priority > Priority.Low || options.LowPriorityMails));
        if (isMailed && kind.IsMailed?.Invoke(e) != false)
            db.Add(OutgoingMail.For(notification, isAlways: kind.Mail == MailRule.Always));
    }
}
