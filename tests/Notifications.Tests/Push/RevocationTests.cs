using System.Collections.Concurrent;
using System.Net;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR.Client;

namespace CloudPhone.Notifications.Tests.Push;

/// <summary>Two replicas that hear from the user service which sessions have ended.</summary>
public sealed class RevocationTests : IAsyncLifetime
{
    readonly ConcurrentQueue<Guid> _revoked = new();
    readonly ConcurrentQueue<RenewedSid> _renewed = new();
    readonly ConcurrentQueue<string> _asked = new();
    readonly Guid _user = Guid.CreateVersion7();
    readonly Guid _session = Guid.CreateVersion7();
    readonly List<TestService<NotificationsDb>> _replicas = [];
    StandIn _users = null!;
    volatile bool _isAway;

    public async ValueTask InitializeAsync()
    {
        _users = await StandIn.StartAsync(app => app.MapGet("/internal/revocations", (string? since) =>
        {
            if (_isAway)
                return Results.StatusCode(503);
            _asked.Enqueue(since ?? "");
            // a user service of an older version tells of none that is good again
            return _renewed.IsEmpty ? Results.Json(new { asOf = DateTimeOffset.UtcNow, sids = _revoked, more = false })
                : Results.Json(new RevocationFeed(DateTimeOffset.UtcNow, [.. _revoked], false, [.. _renewed]));
        }));
        for (var i = 0; i < 2; i++)
            _replicas.Add(new(("USER_SERVICE_URL", _users.Address), ("REVOCATION_POLL_SECONDS", "1")));
    }

    static async Task<HttpStatusCode> StatusAsync(TestService<NotificationsDb> service, string token)
    {
        using var client = service.WithBearer(token);
        return (await client.GetAsync("/api/notifications")).StatusCode;
    }

    [Fact]
    public async Task An_ended_session_is_refused_by_every_replica_and_its_connections_are_closed()
    {
        var (token, other) = (Token(_session), Token(Guid.CreateVersion7()));
        var ended = new List<Task>();
        var open = new List<HubConnection>();
        foreach (var replica in _replicas)
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(replica, token));
            var closed = new TaskCompletionSource();
            open.Add(await ConnectAsync(replica, token));
            open[^1].Closed += _ => Task.FromResult(closed.TrySetResult());
            ended.Add(closed.Task);
        }
        var kept = await ConnectAsync(_replicas[0], other);
        _revoked.Enqueue(_session);
        await Task.WhenAll(ended).WaitAsync(TimeSpan.FromSeconds(20));
        foreach (var replica in _replicas)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(replica, token));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(replica, other));
            await Assert.ThrowsAsync<HttpRequestException>(() => ConnectAsync(replica, token));
        }
        Assert.Equal(HubConnectionState.Connected, kept.State);
        Assert.Contains(_asked, since => since.Length > 0);

        // only the user service can end a session: while it is away what it said last holds
        _isAway = true;
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(_replicas[0], token));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_replicas[0], other));
        foreach (var connection in open.Append(kept))
            await connection.DisposeAsync();
    }

    [Fact]
    public async Task A_key_that_rested_is_good_again_for_tokens_from_after_that()
    {
        var replica = _replicas[0];
        var token = Token(_session); // is an hour old
        _revoked.Enqueue(_session);
        await Wait.UntilAsync("the key to rest", () => IsAsync(HttpStatusCode.Unauthorized));
        _revoked.Clear();
        _renewed.Enqueue(new(_session, DateTimeOffset.UtcNow.AddHours(-2)));
        await Wait.UntilAsync("the key to be good again", () => IsAsync(HttpStatusCode.OK));
        await using var connection = await ConnectAsync(replica, token);
        _renewed.Enqueue(new(_session, DateTimeOffset.UtcNow.AddMinutes(-30)));
        await Wait.UntilAsync("another rest, and its end", () => IsAsync(HttpStatusCode.Unauthorized));
        await Wait.UntilAsync("its connection to end", () => connection.State == HubConnectionState.Disconnected);
        _renewed.Enqueue(new(_session, DateTimeOffset.UtcNow.AddHours(-2)));
        await Wait.UntilAsync("the key to be good again", () => IsAsync(HttpStatusCode.OK));
        _revoked.Enqueue(_session); // ended for good counts for more than all that
        await Wait.UntilAsync("its end", () => IsAsync(HttpStatusCode.Unauthorized));

        async Task<bool> IsAsync(HttpStatusCode status) => await StatusAsync(replica, token) == status;
    }

    string Token(Guid session) => _replicas[0].Tokens.User(_user, [Roles.User], sid: session);

    static async Task<HubConnection> ConnectAsync(TestService<NotificationsDb> replica, string token)
    {
        var url = new Uri(replica.ClientOptions.BaseAddress, $"/ws/notifications?access_token={token}");
        var connection = new HubConnectionBuilder().WithUrl(url).Build();
        await connection.StartAsync();
        await connection.InvokeAsync<string>("ready");
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
        await _users.DisposeAsync();
    }
}
