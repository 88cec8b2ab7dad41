using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Notifications.Stored;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;

namespace CloudPhone.Notifications.Tests.Stored;

public sealed class NotificationRoutesTests : IAsyncDisposable
{
    readonly TestService<NotificationsDb> _service = new();
    readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task The_list_pages_newest_first()
    {
        for (var i = 0; i < 5; i++)
            await _service.TakesAsync(Samples.Started(_user, $"n{i}"));
        using var client = _service.As(_user);
        var first = await client.ListAsync("limit=3");
        var second = await client.ListAsync($"limit=3&cursor={first.NextCursor}");
        Assert.Equal((3, 2, null), (first.Items.Count, second.Items.Count, second.NextCursor));
        var all = first.Items.Concat(second.Items).ToList();
        Assert.Equal(["n0", "n1", "n2", "n3", "n4"],
            all.Select(i => i.Data.GetProperty("deviceName").GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal(all.Select(i => i.Id).OrderDescending(), all.Select(i => i.Id)); // by time, to the millisecond
    }

    [Fact]
    public async Task Doubles_are_shown_once_even_after_the_inbox_forgot_them()
    {
        var e = Samples.Started(_user);
        await _service.TakesAsync(e, "same");
        await _service.TakesAsync(e, "same");
        await _service.InDatabaseAsync(async db =>
        {
            db.Inbox.RemoveRange(db.Inbox);
            return await db.SaveChangesAsync();
        });
        await _service.TakesAsync(e, "same");
        using var client = _service.As(_user);
        Assert.Single((await client.ListAsync()).Items);
    }

    [Fact]
    public async Task Reading_is_idempotent_and_counts()
    {
        for (var i = 0; i < 3; i++)
            await _service.TakesAsync(Samples.Started(_user));
        using var client = _service.As(_user);
        Assert.Equal(3, await client.UnreadAsync());
        var id = (await client.ListAsync()).Items[0].Id;
        var readAt = await ReadAsync(client, id);
        Assert.Equal(readAt, await ReadAsync(client, id));
        Assert.Equal(2, await client.UnreadAsync());
        Assert.DoesNotContain((await client.ListAsync("unread=true")).Items, i => i.Id == id);
        var all = await (await client.PostAsync("/api/notifications/read-all", null))
            .Content.ReadFromJsonAsync<CountItem>();
        Assert.Equal(2, all!.Count);
        Assert.Equal(0, await client.UnreadAsync());
        Assert.Empty((await client.ListAsync("unread=true")).Items);
        Assert.Equal(3, (await client.ListAsync()).Items.Count);
    }

    static async Task<DateTimeOffset?> ReadAsync(HttpClient client, Guid id)
    {
        using var answer = await client.PostAsync($"/api/notifications/{id}/read", null);
        return (await answer.EnsureSuccessStatusCode()
            .Content.ReadFromJsonAsync<NotificationItem>(NotificationsApi.Json))!.ReadAt;
    }

    [Fact]
    public async Task Deleting_removes_one()
    {
        await _service.TakesAsync(Samples.Started(_user));
        using var client = _service.As(_user);
        var id = (await client.ListAsync()).Items[0].Id;
        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync($"/api/notifications/{id}")).StatusCode);
        Assert.Empty((await client.ListAsync()).Items);
        await (await client.DeleteAsync($"/api/notifications/{id}")).AssertProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task Another_users_notification_does_not_exist_for_you()
    {
        await _service.TakesAsync(Samples.Started(_user));
        using var owner = _service.As(_user);
        var id = (await owner.ListAsync()).Items[0].Id;
        foreach (var other in new[] { _service.As(Guid.CreateVersion7()),
            _service.As(Guid.CreateVersion7(), Roles.Admin) })
        {
            Assert.Empty((await other.ListAsync()).Items);
            await (await other.PostAsync($"/api/notifications/{id}/read", null)).AssertProblemAsync(404, "not-found");
            await (await other.DeleteAsync($"/api/notifications/{id}")).AssertProblemAsync(404, "not-found");
            await other.PostAsync("/api/notifications/read-all", null);
        }
        Assert.Equal(1, await owner.UnreadAsync());
    }

    [Fact]
    public async Task Operators_share_a_list_that_users_do_not_see()
    {
        await _service.TakesAsync(new SchedulerNodeDown(Guid.CreateVersion7(), "node-1", Samples.At, Samples.At));
        using var user = _service.As(_user);
        Assert.Empty((await user.ListAsync()).Items);
        Assert.Equal(0, await user.UnreadAsync());
        using var op = _service.As(Guid.CreateVersion7(), Roles.Operator);
        var item = Assert.Single((await op.ListAsync()).Items);
        await (await user.PostAsync($"/api/notifications/{item.Id}/read", null)).AssertProblemAsync(404, "not-found");
        Assert.Equal((1, Priority.Critical), (await op.UnreadAsync(), item.Priority));
    }

    [Fact]
    public async Task The_wire_names_are_those_of_the_contract()
    {
        await _service.TakesAsync(Samples.Started(_user));
        using var client = _service.As(_user);
        using var json = JsonDocument.Parse(await client.GetStringAsync("/api/notifications"));
        var item = json.RootElement.GetProperty("items")[0];
        Assert.Equal(["id", "type", "title", "message", "data", "priority", "createdAt", "readAt"],
            item.EnumerateObject().Select(p => p.Name));
        Assert.Equal("low", item.GetProperty("priority").GetString());
    }

    [Theory]
    [InlineData("GET", "/api/notifications?unread=perhaps", 400)]
    [InlineData("GET", "/api/notifications?limit=1000", 400)]
    [InlineData("POST", "/api/notifications/not-an-id/read", 404)]
    [InlineData("DELETE", "/api/notifications/not-an-id", 404)]
    public async Task Wrong_input_is_refused(string method, string path, int status)
    {
        using var client = _service.As(_user);
        using var answer = await client.SendAsync(new(new(method), path));
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_users_token()
    {
        foreach (var client in new[] { _service.Anonymous(), _service.AsService(AppIds.Users),
            _service.WithBearer("a.b.c") })
            foreach (var path in new[] { "", "/unread-count", "/preferences", "/dead-letters" })
                Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync($"/api/notifications{path}"))
                    .StatusCode);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
