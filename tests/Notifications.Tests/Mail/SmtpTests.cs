using CloudPhone.Notifications.Mail;
using CloudPhone.Testing;
using MailKit.Security;

namespace CloudPhone.Notifications.Tests.Mail;

public sealed class SmtpTests : IAsyncDisposable
{
    readonly SmtpListener _server = new();
    readonly TestService<NotificationsDb> _service;
    readonly Guid _user = Guid.CreateVersion7();

    public SmtpTests() => _service = new(("SMTP_URL", _server.Url), ("MAIL_FROM", "Phones <phones@example.org>"));

    [Fact]
    public async Task A_mail_goes_over_SMTP()
    {
        await _service.TakesAsync(Samples.Registered(_user, "zh-CN", "安娜"));
        var mail = await _server.NextAsync();
        Assert.Equal("安娜，欢迎使用 CloudPhone", mail.Subject);
        Assert.Equal("phones@example.org", mail.From.Mailboxes.Single().Address);
        Assert.EndsWith("@example.org", mail.MessageId, StringComparison.Ordinal);
        Assert.Contains("您的账号 安娜 已开通", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("您的账号 安娜 已开通", System.Net.WebUtility.HtmlDecode(mail.HtmlBody), StringComparison.Ordinal);
        Assert.Equal(MailState.Sent, Assert.Single(await _service.SettledAsync()).State);
    }

    [Fact]
    public async Task A_broken_connection_is_tried_again_at_once()
    {
        _server.ToCut = 1;
        await _service.TakesAsync(Samples.Registered(_user));
        await _server.NextAsync();
        Assert.Equal((MailState.Sent, 1), Assert.Single(await _service.SettledAsync()) is var m
            ? (m.State, m.Attempts) : default);
    }

    [Fact]
    public async Task A_recipient_that_the_server_does_not_know_is_given_up()
    {
        _server.RecipientAnswer = "550 nobody of that name";
        await _service.TakesAsync(Samples.Registered(_user));
        var mail = Assert.Single(await _service.SettledAsync());
        Assert.Equal((MailState.Failed, 1), (mail.State, mail.Attempts));
        Assert.Contains("550", mail.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_busy_is_asked_again_later()
    {
        _server.RecipientAnswer = "451 come back later";
        await _service.TakesAsync(Samples.Registered(_user));
        await Wait.UntilAsync("the first try", () => _service.InDatabaseAsync(db =>
            Task.FromResult(((NotificationsDb)db).Mails.Any(m => m.Error != null && m.State == MailState.Pending))));
        _server.RecipientAnswer = "250 fine";
        Assert.Equal("ann@example.com", (await _server.NextAsync()).To.Mailboxes.Single().Address);
        Assert.Equal(2, Assert.Single(await _service.SettledAsync()).Attempts);
    }

    [Theory]
    [InlineData("smtp://mail.example.com", "mail.example.com", 25, SecureSocketOptions.StartTlsWhenAvailable, null,
        null)]
    [InlineData("smtp://a%40b:p%3Aw@mail.example.com", "mail.example.com", 587, SecureSocketOptions.StartTls, "a@b",
        "p:w")]
    [InlineData("smtps://u:p@mail.example.com:4650", "mail.example.com", 4650, SecureSocketOptions.SslOnConnect, "u",
        "p")]
    [InlineData("smtps://mail.example.com", "mail.example.com", 465, SecureSocketOptions.SslOnConnect, null, null)]
    public void A_server_is_read_from_its_address(
        string url, string host, int port, SecureSocketOptions security, string? user, string? password) =>
        Assert.Equal(new SmtpServer(host, port, security, user, password), SmtpServer.Parse(url));

    [Theory]
    [InlineData("mail.example.com")]
    [InlineData("http://mail.example.com")]
    [InlineData("")]
    public void What_is_no_address_is_refused(string url) => Assert.Null(SmtpServer.Parse(url));

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _server.DisposeAsync();
    }
}
