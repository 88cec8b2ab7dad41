using MimeKit;

namespace CloudPhone.Notifications.Mail;

/// <summary>Takes a mail out of the house: to a server, or into a folder.</summary>
interface IMailTransport
{
    /// <exception cref="UndeliverableException">Trying again would not help.</exception>
    Task SendAsync(MimeMessage message, CancellationToken ct);
}

/// <summary>This mail can't ever be delivered; the message says why.</summary>
sealed class UndeliverableException(string message) : Exception(message);
