using CloudPhone.Testing;
using MimeKit;

namespace CloudPhone.Notifications.Tests.Mail;

static class MailFolder
{
    public static string Of(TestService<NotificationsDb> service) => Path.Combine(service.DataFolder, "mail");

    /// <summary>Waits until that many mails are there, and parses them, oldest first.</summary>
    public static async Task<IReadOnlyList<MimeMessage>> MailsAsync(this TestService<NotificationsDb> service,
        int count)
    {
        await Wait.UntilAsync($"{count} mails", () => Files(service).Length >= count);
        var mails = new List<MimeMessage>();
        foreach (var file in Files(service).Order())
            mails.Add(await MimeMessage.LoadAsync(file));
        Assert.Equal(count, mails.Count);
        return mails;
    }

    static string[] Files(TestService<NotificationsDb> service) =>
        Directory.Exists(Of(service)) ? Directory.GetFiles(Of(service), "*.eml") : [];

    /// <summary>Waits until no mail is left to be sent.</summary>
    public static async Task<IReadOnlyList<CloudPhone.Notifications.Mail.OutgoingMail>> SettledAsync(
        this TestService<NotificationsDb> service)
    {
        var mails = new List<CloudPhone.Notifications.Mail.OutgoingMail>();
        await Wait.UntilAsync("all mails to be settled", async () =>
        {
            mails = await service.InDatabaseAsync(db =>
                Task.FromResult(((NotificationsDb)db).Mails.OrderBy(m => m.Id).ToList()));
            return mails.TrueForAll(m => m.State != CloudPhone.Notifications.Mail.MailState.Pending);
        });
        return mails;
    }
}
