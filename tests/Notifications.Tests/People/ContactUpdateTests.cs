using CloudPhone.Contracts;
using CloudPhone.Notifications.Tests.Mail;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Notifications.Tests.People;

/// <summary>The copy of addresses follows the user service, whatever the order of events.</summary>
public sealed class ContactUpdateTests : IAsyncDisposable
{
    readonly TestService<NotificationsDb> _service = new();
    readonly Guid _user = Guid.CreateVersion7();

    UserProfileUpdated Updated(string email, string language, long version) =>
        new(_user, "ann", email, language, Samples.At, version);

    Task<(string Email, string Language)> ContactAsync() => _service.InDatabaseAsync(async db =>
    {
        var contact = await ((NotificationsDb)db).Contacts.SingleAsync(c => c.UserId == _user);
        return (contact.Email, contact.Language);
    });

    [Fact]
    public async Task The_newest_counts_whatever_comes_last()
    {
        await _service.TakesAsync(Samples.Registered(_user));
        await _service.TakesAsync(Updated("third@example.com", "zh-CN", 3));
        await _service.TakesAsync(Updated("second@example.com", "en", 2));
        await _service.TakesAsync(Samples.Registered(_user));
        Assert.Equal(("third@example.com", "zh-CN"), await ContactAsync());
        await _service.TakesAsync(Samples.Started(_user));
        var mails = await _service.MailsAsync(3); // two of registration, which may have been sent before the change
        Assert.Contains(mails, m => m.To.Mailboxes.Single().Address == "third@example.com");
    }

    [Fact]
    public async Task It_may_come_before_the_registration()
    {
        await _service.TakesAsync(Updated("second@example.com", "en", 2));
        await _service.TakesAsync(Samples.Registered(_user));
        Assert.Equal(("second@example.com", "en"), await ContactAsync());
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
