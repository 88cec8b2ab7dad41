using System.Collections.Concurrent;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Notifications;
using CloudPhone.Notifications.Mail;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing.Servers;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Postgres.Tests;

public sealed class TwoNotificationServicesTests(Server server)
{
    const int Count = 40;
    readonly Guid _user = Guid.CreateVersion7();

    DeviceStarted Started(int i) => new(Guid.CreateVersion7(), _user, $"p{i}", 2, 4, DateTimeOffset.UtcNow, 2);

    [Fact]
    public async Task Every_mail_is_sent_once_by_one_of_them()
    {
        var url = await server.CreateDatabaseAsync();
        await using TestService<NotificationsDb> one = Server.On<NotificationsDb>(url),
            two = Server.On<NotificationsDb>(url);
        await one.DeliverAsync(new UserRegistered(_user, "anna", "anna@example.com", "en", DateTimeOffset.UtcNow));
        await Http.AtOnceAsync(Count, i => (i % 2 == 0 ? one : two).DeliverAsync(Started(i)).JsonAsync());
        await Wait.UntilAsync("all mails to be sent", () => one.InDatabaseAsync(
            db => db.Set<OutgoingMail>().AllAsync(m => m.State == MailState.Sent && m.NextAttemptAt == null)), 60);
        List<string> sent = [.. Mails(one), .. Mails(two)];
        Assert.Equal(Count + 1, sent.Count);
        Assert.Equal(Count + 1, sent.Distinct().Count());
        Assert.True(await one.InDatabaseAsync(db => db.Set<OutgoingMail>().AllAsync(m => m.Attempts == 1)));
    }

    static IEnumerable<string> Mails(TestService<NotificationsDb> service)
    {
        var folder = Path.Combine(service.DataFolder, "mail");
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.eml").Select(f => Path.GetFileName(f))
            : [];
    }

    [Fact]
    public async Task A_connection_to_either_gets_every_notification_once()
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        await using var redis = await RedisServer.StartAsync();
        var url = await server.CreateDatabaseAsync();
        (string, string)[] backplane = [("REDIS_HOST", "127.0.0.1"), ("REDIS_PORT", $"{redis.Port}")];
        await using TestService<NotificationsDb> one = Server.On<NotificationsDb>(url, backplane),
            two = Server.On<NotificationsDb>(url, backplane);
        var (atOne, atTwo) = (new ConcurrentBag<Guid>(), new ConcurrentBag<Guid>());
        await using var first = await ConnectAsync(one, atOne);
        await using var second = await ConnectAsync(two, atTwo);
        await Http.AtOnceAsync(Count, i => (i % 2 == 0 ? one : two).DeliverAsync(Started(i)).JsonAsync());
        foreach (var received in new[] { atOne, atTwo })
        {
            await Wait.UntilAsync("every notification", () => received.Distinct().Count() == Count, 60);
            Assert.Equal(Count, received.Count);
        }
    }

    async Task<HubConnection> ConnectAsync(TestService<NotificationsDb> service, ConcurrentBag<Guid> received)
    {
        service.Anonymous().Dispose(); // the address is known once it has been asked for
        var token = service.Tokens.User(_user, [Roles.User]);
        var url = new Uri(service.ClientOptions.BaseAddress, $"/ws/notifications?access_token={token}");
        var connection = new HubConnectionBuilder().WithUrl(url).Build();
        connection.On<JsonElement>("notification", item => received.Add(item.GetProperty("id").GetGuid()));
        await connection.StartAsync();
        await connection.InvokeAsync<string>("ready");
        return connection;
    }
}
