using CloudPhone.Notifications.Stored;

namespace CloudPhone.Notifications.Kinds;

/// <summary>Whether a kind of event is mailed.</summary>
enum MailRule
{
    Never,
    /// <summary>Unless the user turned mails off.</summary>
    Wanted,
    /// <summary>About the account's security: always.</summary>
    Always,
}

/// <summary>How a kind of event becomes notifications.</summary>
/// <param name="Recipient">The user, or <see cref="Notification.Operators"/>.</param>
/// <param name="IsTold">False: this one is for no reader.</param>
/// <param name="IsQuiet">It needs no reading: it is stored as read and kept for a week.</param>
/// <param name="IsMinor">It is of low priority, whatever its kind is.</param>
/// <param name="IsMailed">False: this one is not mailed, though its kind is.</param>
/// <param name="IsMailOnly">It is not in the list.</param>
/// <param name="Also">What else the event changes here.</param>
sealed record Kind<TEvent>(
    Func<TEvent, Guid> Recipient, Priority Priority, MailRule Mail = MailRule.Never, Func<TEvent, bool>? IsTold = null,
    bool IsQuiet = false, Func<TEvent, bool>? IsMinor = null, bool IsMailOnly = false,
    Func<TEvent, bool>? IsMailed = null,
    Func<TEvent, NotificationsDb, CancellationToken, Task>? Also = null);
