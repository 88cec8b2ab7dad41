using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Notifications.Mail;
using CloudPhone.Notifications.People;
using CloudPhone.Testing;

namespace CloudPhone.Notifications.Tests.Mail;

public sealed class FolderMailTests : IAsyncDisposable
{
    readonly TestService<NotificationsDb> _service = new();
    readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task A_new_phone_makes_two_mails()
    {
        await _service.TakesAsync(
            new DeviceCreated(Guid.CreateVersion7(), _user, "Pixel", "phone", 2, 4, Guid.Empty, Samples.At, 1));
        await _service.TakesAsync(Samples.Started(_user));
        Assert.Equal(0, Directory.Exists(MailFolder.Of(_service)) ? Directory.GetFiles(MailFolder.Of(_service)).Length
            : 0);
        // not before: a mail whose first try comes late would be sent by it
        await Wait.UntilAsync("the first tries to be over", () => _service.InDatabaseAsync(db =>
            Task.FromResult(((NotificationsDb)db).Mails.All(m => m.Error != null))));
        await _service.InDatabaseAsync(async db =>
        {
            db.Add(new Contact { UserId = _user, Username = "安娜", Email = "anna@example.com", Language = "zh-CN" });
            return await db.SaveChangesAsync();
        });
        await DueAgainAsync();
        var mails = await _service.MailsAsync(2);
        Assert.Equal(["Pixel 已创建", "Pixel 正在运行"], mails.Select(m => m.Subject));
        Assert.All(mails, m =>
            Assert.Equal(("安娜", "anna@example.com"), (m.To.Mailboxes.Single().Name, m.To.Mailboxes.Single().Address)));
        Assert.Contains("安娜，您好", mails[0].TextBody, StringComparison.Ordinal);
        Assert.Contains("云手机 Pixel", mails[0].TextBody, StringComparison.Ordinal);
        Assert.Contains("lang=\"zh-CN\"", mails[0].HtmlBody, StringComparison.Ordinal);
    }

    /// <summary>The user was unknown at the first try; the next one is brought forward instead of waited for.</summary>
    async Task DueAgainAsync()
    {
        await _service.InDatabaseAsync(async db =>
        {
            foreach (var mail in ((NotificationsDb)db).Mails.Where(m => m.State == MailState.Pending))
                mail.NextAttemptAt = DateTimeOffset.UtcNow;
            return await db.SaveChangesAsync();
        });
        await _service.TakesAsync(
            new DeviceStopped(Guid.CreateVersion7(), _user, "Other", "user", Samples.At, 3)); // wakes the worker
    }

    [Fact]
    public async Task The_message_id_is_the_notifications_so_that_doubles_are_one_mail()
    {
        await _service.TakesAsync(Samples.Registered(_user), "e");
        var mail = Assert.Single(await _service.MailsAsync(1));
        using var client = _service.As(_user);
        var id = (await client.ListAsync()).Items[0].Id;
        Assert.StartsWith($"{id}@", mail.MessageId, StringComparison.Ordinal);
        // as after a crash between sending and noting it
        await _service.InDatabaseAsync(async db =>
        {
            var mail = ((NotificationsDb)db).Mails.Single();
            (mail.State, mail.NextAttemptAt) = (MailState.Pending, DateTimeOffset.UtcNow);
            return await db.SaveChangesAsync();
        });
        await _service.TakesAsync(Samples.Started(_user));
        await _service.SettledAsync();
        Assert.Equal(2, (await _service.MailsAsync(2)).Select(m => m.MessageId).Distinct().Count());
    }

    [Fact]
    public async Task Names_can_forge_neither_headers_nor_markup()
    {
        const string Evil = "x\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script>";
        await _service.TakesAsync(Samples.Registered(_user, name: Evil));
        await _service.TakesAsync(Samples.Started(_user, Evil));
        foreach (var mail in await _service.MailsAsync(2))
        {
            Assert.Empty(mail.Bcc);
            Assert.Single(mail.To);
            Assert.Equal("ann@example.com", mail.To.Mailboxes.Single().Address);
            Assert.DoesNotContain("<script>", mail.HtmlBody, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("a@example.com\r\nBcc: b@example.com")]
    [InlineData("")]
    public async Task A_mail_to_no_address_is_given_up(string email)
    {
        await _service.TakesAsync(Samples.Registered(_user, email: email));
        var mail = Assert.Single(await _service.SettledAsync());
        Assert.Equal((MailState.Failed, 1), (mail.State, mail.Attempts));
        Assert.False(Directory.Exists(MailFolder.Of(_service)));
    }

    [Fact]
    public async Task Who_wants_no_mails_gets_only_those_about_security()
    {
        await _service.TakesAsync(Samples.Registered(_user));
        await _service.SettledAsync();
        using var client = _service.As(_user);
        await client.PutAsJsonAsync("/api/notifications/preferences", new PreferencesItem(false));
        await _service.TakesAsync(Samples.Started(_user));
        await _service.TakesAsync(new UserPasswordChanged(_user, "ann", "ann@example.com", Samples.At));
        Assert.Equal([MailState.Sent, MailState.Skipped, MailState.Sent], (await _service.SettledAsync())
            .Select(m => m.State));
        Assert.Equal("Your password was changed", (await _service.MailsAsync(2))[1].Subject);
        Assert.Equal(3, (await client.ListAsync()).Items.Count);
    }

    [Fact]
    public async Task A_deleted_notification_is_still_mailed()
    {
        await _service.TakesAsync(Samples.Started(_user));
        using var client = _service.As(_user);
        await client.DeleteAsync($"/api/notifications/{(await client.ListAsync()).Items[0].Id}");
        await _service.TakesAsync(Samples.Registered(_user));
        await DueAgainForAllAsync();
        Assert.Equal(2, (await _service.MailsAsync(2)).Count);
    }

    async Task DueAgainForAllAsync()
    {
        await _service.MailsAsync(1);
        await _service.InDatabaseAsync(async db =>
        {
            foreach (var mail in ((NotificationsDb)db).Mails.Where(m => m.State == MailState.Pending))
                mail.NextAttemptAt = DateTimeOffset.UtcNow;
            return await db.SaveChangesAsync();
        });
        await _service.TakesAsync(new DeviceStopped(Guid.CreateVersion7(), _user, "Other", "user", Samples.At, 3));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
