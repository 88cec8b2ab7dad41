using System.Net;
using System.Threading.Channels;
using CloudPhone.Contracts;
using CloudPhone.Notifications.Stored;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Notifications.Tests.Push;

public sealed class PushTests : IAsyncDisposable
{
    readonly TestService<NotificationsDb> _service = new();
    readonly Guid _user = Guid.CreateVersion7();
    readonly List<HubConnection> _connections = [];

    [Fact]
    public async Task An_open_connection_gets_what_the_list_has()
    {
        await _service.TakesAsync(Samples.Registered(_user, "en"));
        var received = await ConnectAsync(_service.Tokens.User(_user, [Roles.User]), skipStored: true);
        await _service.TakesAsync(Samples.Started(_user));
        var pushed = await NextAsync(received);
        using var client = _service.As(_user);
        var listed = (await client.ListAsync()).Items[0];
        Assert.Equal((listed.Id, listed.Title, listed.Message, listed.Priority, listed.CreatedAt),
            (pushed.Id, pushed.Title, pushed.Message, pushed.Priority, pushed.CreatedAt));
        Assert.Equal(listed.Data.GetRawText(), pushed.Data.GetRawText());
        Assert.Equal("Pixel is running", pushed.Title);
    }

    [Fact]
    public async Task Everybody_gets_only_their_own_and_all_connections_of_a_user_get_it()
    {
        var one = await ConnectAsync(_service.Tokens.User(_user, [Roles.User]));
        var two = await ConnectAsync(_service.Tokens.User(_user, [Roles.User]));
        var stranger = Guid.CreateVersion7();
        var other = await ConnectAsync(_service.Tokens.User(stranger, [Roles.User]));
        await _service.TakesAsync(Samples.Started(_user, "mine"));
        await _service.TakesAsync(Samples.Started(stranger, "theirs"));
        Assert.Contains("mine", (await NextAsync(one)).Title, StringComparison.Ordinal);
        Assert.Contains("mine", (await NextAsync(two)).Title, StringComparison.Ordinal);
        Assert.Contains("theirs", (await NextAsync(other)).Title, StringComparison.Ordinal);
        Assert.False(one.TryRead(out _) || other.TryRead(out _));
    }

    [Fact]
    public async Task Operators_get_what_concerns_the_system()
    {
        var op = await ConnectAsync(_service.Tokens.User(_user, [Roles.Operator]));
        var user = await ConnectAsync(_service.Tokens.User(Guid.CreateVersion7(), [Roles.User]));
        await _service.TakesAsync(new SchedulerNodeDown(Guid.CreateVersion7(), "node-1", Samples.At, Samples.At));
        Assert.Equal("scheduler.node_down", (await NextAsync(op)).Type);
        Assert.False(user.TryRead(out _));
    }

    [Fact]
    public async Task A_burst_arrives_whole_and_in_order()
    {
        var received = await ConnectAsync(_service.Tokens.User(_user, [Roles.User]));
        for (var i = 0; i < 50; i++)
            await _service.TakesAsync(Samples.Started(_user, $"{i}"));
        for (var i = 0; i < 50; i++)
            Assert.Equal($"{i}", (await NextAsync(received)).Data.GetProperty("deviceName").GetString());
    }

    [Fact]
    public async Task Wrong_tokens_are_refused()
    {
        string?[] tokens =
        [
            null, "a.b.c", _service.Tokens.Service(AppIds.Devices),
            _service.Tokens.User(_user, [Roles.User], lifetime: TimeSpan.FromMinutes(-5)),
            _service.Tokens.User(_user, [Roles.User], audience: "others"),
        ];
        foreach (var token in tokens)
        {
            var refused = await Assert.ThrowsAsync<HttpRequestException>(() => ConnectAsync(token));
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }
    }

    async Task<ChannelReader<NotificationItem>> ConnectAsync(string? token, bool skipStored = false)
    {
        if (skipStored)
            await Wait.UntilAsync("what was stored before to be pushed", () => _service.InDatabaseAsync(db =>
                Task.FromResult(((NotificationsDb)db).Notifications.All(n => n.PushedAt != null))));
        _service.Anonymous().Dispose(); // the address is known once it has been asked for
        var url = new Uri(_service.ClientOptions.BaseAddress,
            $"/ws/notifications{(token is null ? "" : $"?access_token={token}")}");
        var connection = new HubConnectionBuilder().WithUrl(url)
            .AddJsonProtocol(o => o.PayloadSerializerOptions = NotificationsApi.Json).Build();
        _connections.Add(connection);
        var received = Channel.CreateUnbounded<NotificationItem>();
        connection.On<NotificationItem>("notification", item => received.Writer.TryWrite(item));
        await connection.StartAsync();
        Assert.Equal(connection.ConnectionId, await connection.InvokeAsync<string>("ready"));
        return received.Reader;
    }

    static async Task<NotificationItem> NextAsync(ChannelReader<NotificationItem> received)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await received.ReadAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.DisposeAsync();
        await _service.DisposeAsync();
    }
}
