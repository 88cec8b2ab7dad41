using CloudPhone.Notifications.Mail;
using CloudPhone.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CloudPhone.Notifications.Tests.Mail;

/// <summary>An event comes before the one that tells of its user: the user service is asked.</summary>
public sealed class ContactTests
{
    static readonly Guid User = Guid.CreateVersion7();

    [Fact]
    public async Task The_user_service_knows_the_address()
    {
        await using var users = await StandIn.StartAsync(app => app.MapGet("/internal/users/contact", (Guid userId) =>
            new { userId, username = "bob", email = "bob@example.com", language = "en-GB" }));
        await using var service = new TestService<NotificationsDb>(("USER_SERVICE_URL", users.Address));
        await service.TakesAsync(Samples.Started(User));
        var mail = Assert.Single(await service.MailsAsync(1));
        Assert.Equal(("Pixel is running", "bob@example.com"), (mail.Subject, mail.To.Mailboxes.Single().Address));
        using var client = service.As(User);
        Assert.Equal("Pixel is running", (await client.ListAsync())
            .Items[0].Title); // and the language is known from now on
    }

    [Fact]
    public async Task A_user_that_nobody_knows_gets_no_mail()
    {
        await using var users = await StandIn.StartAsync(app =>
            app.MapGet("/internal/users/contact", () => Results.NotFound()));
        await using var service = new TestService<NotificationsDb>(("USER_SERVICE_URL", users.Address));
        await service.TakesAsync(Samples.Started(User));
        var mail = Assert.Single(await service.SettledAsync());
        Assert.Equal((MailState.Failed, 1), (mail.State, mail.Attempts));
    }

    [Fact]
    public async Task While_the_user_service_is_away_the_mail_waits()
    {
        await using var users = await StandIn.StartAsync(app =>
            app.MapGet("/internal/users/contact", () => Results.StatusCode(StatusCodes.Status503ServiceUnavailable)));
        await using var service = new TestService<NotificationsDb>(("USER_SERVICE_URL", users.Address));
        await service.TakesAsync(Samples.Started(User));
        OutgoingMail? mail = null;
        await Wait.UntilAsync("the first try", async () =>
        {
            mail = await service.InDatabaseAsync(db => Task.FromResult(((NotificationsDb)db).Mails.Single()));
            return mail.Error is not null;
        });
        Assert.Equal((MailState.Pending, 1), (mail!.State, mail.Attempts));
        Assert.InRange(
            mail.NextAttemptAt!.Value - DateTimeOffset.UtcNow, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(6));
    }
}
