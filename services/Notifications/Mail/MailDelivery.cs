using CloudPhone.Contracts;
using CloudPhone.Notifications.People;
using CloudPhone.Shared.Http;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Notifications.Mail;

/// <summary>What the user service answers about a user.</summary>
sealed record ContactAnswer(Guid UserId, string Username, string Email, string Language, long Version);

/// <summary>
/// Brings one mail on its way: finds out whom to write to and whether they want it, writes it and sends it.
/// </summary>
sealed class MailDelivery(
    NotificationsDb db, MailWriter writer, IMailTransport transport, MailTargets targets, InvoicePages invoices,
    TimeProvider clock, [FromKeyedServices(AppIds.Users)] Sibling users)
{
    /// <returns><see cref="MailState.Sent"/> or <see cref="MailState.Skipped"/>.</returns>
    /// <exception cref="UndeliverableException">There is nobody to write to.</exception>
    public async Task<MailState> DeliverAsync(OutgoingMail mail, CancellationToken ct)
    {
        var preferences = await db.Preferences.AsNoTracking().SingleOrDefaultAsync(p => p.UserId == mail.UserId, ct);
        if (preferences is { Mail: false } && !mail.IsAlways)
            return MailState.Skipped;
        var target = targets.For(mail);
        if (target?.ExpiresAt < clock.GetUtcNow())
            return MailState.Skipped; // a link that is good no more helps nobody
        var contact = await db.Contacts.AsNoTracking().SingleOrDefaultAsync(c => c.UserId == mail.UserId, ct)
            ?? await AskAsync(mail.UserId, ct);
        var language = preferences?.Language ?? contact.Language;
        var page = await PageAsync(mail, ct);
        await transport.SendAsync(
            writer.Write(mail, target?.Email ?? contact.Email, contact.Username, language, target?.Link, page), ct);
        return MailState.Sent;
    }

    /// <summary>The last try goes without, if need be: the page is in the account, too.</summary>
    async Task<Attachment?> PageAsync(OutgoingMail mail, CancellationToken ct)
    {
        try
        {
            return await invoices.ForAsync(mail, ct);
        }
        catch (Exception) when (mail.Attempts >= MailWorker.MaxAttempts && !ct.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>An event can come before the one that tells of its user.</summary>
    async Task<Contact> AskAsync(Guid userId, CancellationToken ct)
    {
        var answer = await users.GetAsync<ContactAnswer>($"/internal/users/contact?userId={userId}", ct)
            ?? throw new UndeliverableException("The user service does not know the user.");
        var contact = new Contact
        {
            UserId = userId, Username = answer.Username, Email = answer.Email, Language = Language.Of(answer.Language),
            Version = answer.Version,
        };
        await Contacts.KeepAsync(contact, db, ct);
        return contact;
    }
}
