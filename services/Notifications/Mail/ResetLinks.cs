using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;

namespace CloudPhone.Notifications.Mail;

/// <param name="Email">The address that the link was asked for: the account's may be another by now.</param>
sealed record ResetLink(Uri Link, string Email, DateTimeOffset ExpiresAt);

/// <summary>Makes the links that give an account another password. Only the mail holds them.</summary>
sealed class ResetLinks(ResetTokens tokens, NotificationOptions options)
{
    /// <returns>Null: it is another kind of mail.</returns>
    public ResetLink? For(OutgoingMail mail)
    {
        if (mail.Type != UserPasswordResetRequested.EventName)
            return null;
        var e = JsonSerializer.Deserialize<UserPasswordResetRequested>(mail.Data, EventJson.Options)!;
        var link = new Uri(options.PublicUrl, $"reset-password?token={tokens.Create(e.ResetId)}");
        return new(link, e.Email, e.ExpiresAt);
    }
}
