using CloudPhone.Notifications.People;
using CloudPhone.Shared.Hosting;
using MimeKit;

namespace CloudPhone.Notifications;

/// <param name="DefaultLanguage">For users whose own is not known yet.</param>
/// <param name="KeepDays">How long notifications are kept.</param>
/// <param name="LowPriorityMails">False: kinds of low priority, like a phone's start, are not mailed.</param>
/// <param name="From">The sender of mails.</param>
/// <param name="PublicUrl">Where users reach the platform: links in mails begin with it.</param>
sealed record NotificationOptions(
    string DefaultLanguage, int KeepDays, bool LowPriorityMails, MailboxAddress From, Uri PublicUrl)
{
    /// <exception cref="SettingException">One of them is wrong.</exception>
    public static NotificationOptions Read(IConfiguration configuration) => new(
        configuration["DEFAULT_LANGUAGE"] switch
        {
            null or "" => Language.Chinese,
            var l when Language.IsKnown(l) => l,
            var l => throw new SettingException(
                $"Set DEFAULT_LANGUAGE to {Language.Chinese} or {Language.English}, not '{l}'."),
        },
        configuration.Number("NOTIFICATION_DAYS", 90, 1, 3650),
        configuration.Flag("MAIL_LOW_PRIORITY", true),
        Sender(configuration["MAIL_FROM"] is { Length: > 0 } from ? from : "CloudPhone <no-reply@cloudphone.example>"),
        Folder(configuration.Address("PUBLIC_URL") ?? new("http://localhost:30000")));

    /// <summary>A path without a slash at its end would be lost in links.</summary>
    static Uri Folder(Uri address) => new(address.AbsoluteUri.TrimEnd('/') + "/");

    static MailboxAddress Sender(string from) =>
        MailboxAddress.TryParse(from, out var address) && address.Domain is { Length: > 0 } ? address
        : throw new SettingException(
            $"Set MAIL_FROM to a sender like 'CloudPhone <no-reply@example.com>', not '{from}'.");
}
