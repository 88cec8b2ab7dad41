using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Notifications;
using CloudPhone.Notifications.Mail;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Postgres.Tests;

public sealed class NotificationsTests(Server server)
{
    [Fact]
    public async Task An_event_that_comes_ten_times_at_once_is_one_notification_and_one_mail()
    {
        await using var service = await server.StartAsync<NotificationsDb>();
        var user = Guid.CreateVersion7();
        await service.DeliverAsync(new UserRegistered(user, "anna", "anna@example.com", "en", DateTimeOffset.UtcNow));
        var e = new DeviceStarted(Guid.CreateVersion7(), user, "Pixel", 2, 4, DateTimeOffset.UtcNow, 2);
        var answers = await Http.AtOnceAsync(10, _ => service.DeliverAsync(e, "started"));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        using var client = service.As(user);
        var started = (await client.ItemsAsync("/api/notifications"))
            .Where(n => n.Text("type") == DeviceStarted.EventName).ToList();
        Assert.Contains("Pixel", Assert.Single(started).GetRawText(), StringComparison.Ordinal);
        Assert.Equal(1, await service.InDatabaseAsync(db =>
            db.Set<OutgoingMail>().CountAsync(m => m.Type == DeviceStarted.EventName)));
    }

    [Fact]
    public async Task What_is_read_counts_no_more()
    {
        await using var service = await server.StartAsync<NotificationsDb>();
        var user = Guid.CreateVersion7();
        for (var i = 0; i < 3; i++)
            await service.DeliverAsync(
                new DeviceStarted(Guid.CreateVersion7(), user, $"p{i}", 2, 4, DateTimeOffset.UtcNow, 2));
        using var client = service.As(user);
        var newest = (await client.ItemsAsync("/api/notifications"))[0];
        (await client.PostAsync($"/api/notifications/{newest.Text("id")}/read", null)).EnsureSuccessStatusCode();
        Assert.Equal(2, (await client.GetFromJsonAsync<Count>("/api/notifications/unread-count"))!.Value);
    }

    sealed record Count([property: System.Text.Json.Serialization.JsonPropertyName("count")] int Value);
}
