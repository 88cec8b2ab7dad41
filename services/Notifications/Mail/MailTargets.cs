using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;

namespace CloudPhone.Notifications.Mail;

/// <param name="Email">Where it goes.</param>
/// <param name="Link">Stands below its text.</param>
/// <param name="ExpiresAt">After that it would help nobody.</param>
sealed record MailTarget(string Email, Uri? Link = null, DateTimeOffset? ExpiresAt = null);

/// <summary>
/// Mails that go to the address that their event names, which may not be the account's by now, and the links that only
/// these mails hold.
/// </summary>
sealed class MailTargets(ResetTokens resets, EmailTokens emails, NotificationOptions options)
{
    /// <returns>Null: it goes to the account's address.</returns>
    public MailTarget? For(OutgoingMail mail)
    {
        switch (mail.Type)
        {
            case var t when t == UserPasswordResetRequested.EventName:
                var reset = Read<UserPasswordResetRequested>(mail);
                return new(reset.Email, Link("reset-password", resets.Create(reset.ResetId)), reset.ExpiresAt);
            case var t when t == UserEmailChangeRequested.EventName:
                var change = Read<UserEmailChangeRequested>(mail);
                return new(change.Email, Link("confirm-email", emails.Create(change.ChangeId)), change.ExpiresAt);
            case var t when t == UserEmailChanged.EventName:
                return new(Read<UserEmailChanged>(mail).OldEmail);
            default:
                return null;
        }
    }

    static TEvent Read<TEvent>(OutgoingMail mail) => JsonSerializer.Deserialize<TEvent>(mail.Data, EventJson.Options)!;

    Uri Link(string page, string token) => new(options.PublicUrl, $"{page}?token={token}");
}
