using System.Net;
using CloudPhone.Contracts;
using CloudPhone.Notifications.Mail;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Notifications.Tests.Mail;

/// <summary>The link for another password, which only the mail holds.</summary>
public sealed class ResetMailTests : IAsyncDisposable
{
    readonly TestService<NotificationsDb> _service = new(("PUBLIC_URL", "https://phones.example.com/app"));
    readonly Guid _user = Guid.CreateVersion7();

    UserPasswordResetRequested Requested(DateTimeOffset expiresAt, string email = "anna@example.com") =>
        new(_user, "anna", email, Guid.CreateVersion7(), expiresAt);

    [Theory]
    [InlineData("en", "Choose another password")]
    [InlineData("zh-CN", "设置新密码")]
    public async Task It_is_mailed_in_the_users_language_and_is_in_no_list_and_no_database(
        string language, string subject)
    {
        await _service.TakesAsync(Samples.Registered(_user, language));
        await _service.SettledAsync();
        var e = Requested(DateTimeOffset.UtcNow.AddMinutes(30), "anna.new@example.com");
        await _service.TakesAsync(e, "e-1");
        await _service.TakesAsync(e, "e-1");
        var mail = (await _service.MailsAsync(2))[1];
        Assert.Equal((subject, "anna.new@example.com"), (mail.Subject, mail.To.Mailboxes.Single().Address));
        var token = _service.Services.GetRequiredService<ResetTokens>().Create(e.ResetId);
        var link = $"https://phones.example.com/app/reset-password?token={token}";
        Assert.Contains(link, mail.TextBody, StringComparison.Ordinal);
        Assert.Contains($"href=\"{WebUtility.HtmlEncode(link)}\"", mail.HtmlBody, StringComparison.Ordinal);
        using var client = _service.As(_user);
        Assert.DoesNotContain((await client.ListAsync()).Items, i => i.Type == UserPasswordResetRequested.EventName);
        var kept = await _service.SettledAsync();
        Assert.DoesNotContain(kept, m => m.Data.Contains(token.Split('.')[1], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_link_that_is_good_no_more_is_not_mailed()
    {
        await _service.TakesAsync(Samples.Registered(_user));
        await _service.TakesAsync(Requested(DateTimeOffset.UtcNow.AddMinutes(-1)));
        var settled = await _service.SettledAsync();
        Assert.Equal([MailState.Sent, MailState.Skipped], settled.Select(m => m.State));
    }

    [Fact]
    public async Task A_new_address_gets_the_link_and_both_are_told_of_the_change()
    {
        const string Old = "ann@example.com", New = "ann.new@example.com";
        await _service.TakesAsync(Samples.Registered(_user));
        await _service.SettledAsync();
        var asked = new UserEmailChangeRequested(
            _user, "ann", New, Guid.CreateVersion7(), DateTimeOffset.UtcNow.AddHours(1));
        await _service.TakesAsync(asked);
        var link = (await _service.MailsAsync(2))[1];
        Assert.Equal(New, link.To.Mailboxes.Single().Address);
        var token = _service.Services.GetRequiredService<EmailTokens>().Create(asked.ChangeId);
        Assert.Contains($"https://phones.example.com/app/confirm-email?token={token}", link.TextBody,
            StringComparison.Ordinal);
        await _service.TakesAsync(new UserProfileUpdated(_user, "ann", New, "en", Samples.At, 2, Old));
        await _service.TakesAsync(new UserEmailChanged(_user, "ann", Old, New, Samples.At));
        // another language is no matter for a mail
        await _service.TakesAsync(new UserProfileUpdated(_user, "ann", New, "en", Samples.At, 3));
        var mails = (await _service.MailsAsync(4)).Skip(2).ToList();
        Assert.Equal(new[] { New, Old }.Order(), mails.Select(m => m.To.Mailboxes.Single().Address).Order());
        Assert.All(mails, m => Assert.Contains(New, m.TextBody, StringComparison.Ordinal));
        Assert.Equal(4, (await _service.SettledAsync()).Count);
        using var client = _service.As(_user);
        Assert.DoesNotContain((await client.ListAsync()).Items, i => i.Type == UserEmailChangeRequested.EventName);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
