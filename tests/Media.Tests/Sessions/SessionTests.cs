using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Media.Sessions;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Media.Tests.Sessions;

/// <summary>Who is let in, and how sessions begin and end.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task A_session_is_told_of_listed_and_ended()
    {
        await using var watched = await WatchedService.StartAsync();
        var session = await watched.OpenAsync();
        Assert.Equal("control", session.GetProperty("access").GetString());
        Assert.Equal(JsonValueKind.Null, session.GetProperty("sdp").ValueKind);
        var id = session.GetProperty("sessionId").GetGuid();
        await using var socket = await watched.SocketAsync(session);
        await socket.PlaysAsync();
        await socket.SendAsync(new { type = "pictures", mode = "video" });
        await socket.SeesAsync();
        using var owner = watched.Service.As(watched.Devices.Owner);
        Assert.Equal(id, Assert.Single(await ItemsAsync(owner)).GetProperty("id").GetGuid());
        using var stranger = watched.Service.As(Guid.CreateVersion7());
        Assert.Empty(await ItemsAsync(stranger));
        Assert.Equal("not-found", await WatchedService.ProblemAsync(
            await stranger.DeleteAsync($"/api/media/sessions/{id}"), HttpStatusCode.NotFound));

        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"/api/media/sessions/{id}")).StatusCode);
        Assert.Equal("closed", (await socket.HearsAsync("ended")).GetProperty("reason").GetString());
        await socket.ClosesAsync();
        await Wait.UntilAsync("the end to be told", async () =>
            (await watched.Service.PublishedAsync<MediaSessionEnded>()).Count == 1);
        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"/api/media/sessions/{id}")).StatusCode);
        var (began, ended) = (Assert.Single(await watched.Service.PublishedAsync<MediaSessionStarted>()),
            Assert.Single(await watched.Service.PublishedAsync<MediaSessionEnded>()));
        Assert.Equal((id, watched.Devices.DeviceId, watched.Devices.Owner),
            (began.SessionId, began.DeviceId, began.UserId));
        Assert.Equal((id, "closed"), (ended.SessionId, ended.Reason));
        Assert.True(ended.Bytes > 0, "bytes");
        Assert.Equal(ended.Bytes, Assert.Single(await watched.RowsAsync()).Bytes);
    }

    [Fact]
    public async Task Who_may_not_see_it_is_refused_and_nothing_begins()
    {
        await using var watched = await WatchedService.StartAsync();
        var device = watched.Devices.DeviceId;
        Assert.Equal("not-found", await WatchedService.ProblemAsync(
            await watched.PostAsync(new { deviceId = device }, Guid.CreateVersion7()), HttpStatusCode.NotFound));
        Assert.Equal("not-found", await WatchedService.ProblemAsync(
            await watched.PostAsync(new { deviceId = Guid.CreateVersion7() }), HttpStatusCode.NotFound));
        foreach (var sdp in new[] { "", "v=0", new string('x', 70_000) })
            Assert.Equal("bad-offer", await WatchedService.ProblemAsync(
                await watched.PostAsync(new { deviceId = device, sdp }), HttpStatusCode.BadRequest));
        using var guest = watched.Service.Anonymous();
        foreach (var (token, status) in new[] { ("", 400), (new string('x', 101), 400), ("cps_unknown", 404) })
            Assert.Equal(status, (int)(await guest.PostAsJsonAsync(
                "/api/media/shared-sessions", new { shareToken = token })).StatusCode);
        watched.Devices.Status = "stopped";
        Assert.Equal("wrong-state", await WatchedService.ProblemAsync(
            await watched.PostAsync(new { deviceId = device }), HttpStatusCode.Conflict));
        (watched.Devices.Status, watched.Devices.Phone) = ("running", null);
        Assert.Equal("unreachable", await WatchedService.ProblemAsync(
            await watched.PostAsync(new { deviceId = device }), HttpStatusCode.ServiceUnavailable));
        watched.Devices.IsAway = true;
        Assert.Equal(HttpStatusCode.ServiceUnavailable,
            (await watched.PostAsync(new { deviceId = device })).StatusCode);
        Assert.Empty(await watched.RowsAsync());
        Assert.Empty(await watched.Service.PublishedAsync<MediaSessionStarted>());
    }

    [Fact]
    public async Task Only_so_many_are_open_at_once_for_one_user_and_for_the_guests_of_one_share()
    {
        await using var watched = await WatchedService.StartAsync(("MEDIA_SESSIONS_PER_USER", "2"));
        var share = watched.Share();
        var first = await watched.OpenAsync();
        await watched.OpenAsync();
        await watched.OpenAsync(share);
        await watched.OpenAsync(share);
        await watched.OpenAsync(watched.Share());
        Assert.Equal("too-many-sessions", await WatchedService.ProblemAsync(
            await watched.PostAsync(new { deviceId = watched.Devices.DeviceId }), HttpStatusCode.Conflict));
        using var guest = watched.Service.Anonymous();
        Assert.Equal("too-many-sessions", await WatchedService.ProblemAsync(
            await guest.PostAsJsonAsync("/api/media/shared-sessions", new { shareToken = share }),
            HttpStatusCode.Conflict));
        using var owner = watched.Service.As(watched.Devices.Owner);
        (await owner.DeleteAsync($"/api/media/sessions/{first.GetProperty("sessionId").GetGuid()}")).Dispose();
        await watched.OpenAsync();
        Assert.Equal(6, (await watched.RowsAsync()).Count);
    }

    [Fact]
    public async Task A_share_that_is_over_ends_what_it_let_in()
    {
        await using var watched = await WatchedService.StartAsync();
        var share = watched.Share();
        await using var guest = await watched.WatchAsync(share);
        await using var owner = await watched.WatchAsync();
        await guest.PlaysAsync();
        Assert.True(watched.Devices.Shares.TryRemove(share, out var ended));
        Assert.Equal("access-lost", (await guest.HearsAsync("ended")).GetProperty("reason").GetString());
        await guest.ClosesAsync();
        await owner.PlaysAsync();
        await Wait.UntilAsync("the end to be told", async () =>
            (await watched.Service.PublishedAsync<MediaSessionEnded>()).Count == 1);
        var told = Assert.Single(await watched.Service.PublishedAsync<MediaSessionEnded>());
        Assert.Equal((ended.Id, watched.Devices.Owner), (told.ShareId, told.UserId));
    }

    [Theory]
    [InlineData("stopped", "device-stopped")]
    [InlineData("deleted", "device-deleted")]
    public async Task A_phone_that_goes_takes_its_viewers_along(string what, string reason)
    {
        await using var watched = await WatchedService.StartAsync();
        await using var socket = await watched.WatchAsync();
        await socket.PlaysAsync();
        var (device, user, now) = (watched.Devices.DeviceId, watched.Devices.Owner, DateTimeOffset.UtcNow);
        watched.Devices.Status = what == "stopped" ? "stopped" : "deleting";
        using var answer = what == "stopped"
            ? await watched.Service.DeliverAsync(new DeviceStopped(device, user, "phone", "by-user", now, 3))
            : await watched.Service.DeliverAsync(new DeviceDeleted(device, user, "phone", 1, 1, now, 3));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(reason, (await socket.HearsAsync("ended")).GetProperty("reason").GetString());
        await socket.ClosesAsync();
    }

    [Fact]
    public async Task A_phone_that_is_on_its_way_up_again_keeps_its_viewers()
    {
        await using var watched = await WatchedService.StartAsync();
        await using var socket = await watched.WatchAsync();
        await socket.PlaysAsync();
        watched.Devices.Status = "starting";
        var asked = watched.Devices.Asked;
        using var answer = await watched.Service.DeliverAsync(new DeviceStopped(
            watched.Devices.DeviceId, watched.Devices.Owner, "phone", "user", DateTimeOffset.UtcNow, 3));
        await Wait.UntilAsync("that it was asked about", () => watched.Devices.Asked > asked + 1);
        Assert.Null((await watched.RowsAsync())[0].EndedAt);
        Assert.Null(socket.Closed.Status);
    }

    [Fact]
    public async Task Another_replica_ends_what_it_serves_when_it_is_asked_here()
    {
        await using var watched = await WatchedService.StartAsync();
        await using var socket = await watched.WatchAsync();
        await socket.PlaysAsync();
        await using var other = watched.Again();
        using var owner = other.As(watched.Devices.Owner);
        var id = Assert.Single(await ItemsAsync(owner)).GetProperty("id").GetGuid();
        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"/api/media/sessions/{id}")).StatusCode);
        Assert.Equal("closed", (await socket.HearsAsync("ended")).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_login_that_has_ended_ends_its_sessions()
    {
        await using var watched = await WatchedService.StartAsync();
        var login = Guid.CreateVersion7();
        await using var socket = await watched.SocketAsync(await OpenAsync(watched, login));
        await socket.PlaysAsync();
        watched.Devices.Revoked.Add(login);
        Assert.Equal("access-lost", (await socket.HearsAsync("ended")).GetProperty("reason").GetString());
    }

    /// <summary>The feed of revocations tells only of the last minutes: whoever could not hear it asks now and
    /// then.</summary>
    [Fact]
    public async Task A_login_whose_end_was_not_heard_of_is_asked_about_every_eight_minutes()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var watched = await WatchedService.StartAsync(clock);
        var (over, goes) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using var ended = await watched.SocketAsync(await OpenAsync(watched, over));
        await using var other = await watched.SocketAsync(await OpenAsync(watched, goes));
        await ended.HearsAsync("state"); // no picture: this phone's time stands still
        await other.HearsAsync("state");
        watched.Devices.LongOver.Add(over);
        var began = clock.GetUtcNow();
        await Wait.UntilAsync("its end", () =>
        {
            if (ended.Closed.Status is null)
                clock.Advance(TimeSpan.FromSeconds(10));
            return ended.Closed.Status is not null;
        });
        Assert.Equal("access-lost", (await ended.HearsAsync("ended")).GetProperty("reason").GetString());
        Assert.InRange((clock.GetUtcNow() - began).TotalMinutes, 7, 14);
        Assert.Null(other.Closed.Status);
    }

    static async Task<JsonElement> OpenAsync(WatchedService watched, Guid login)
    {
        using var client = watched.Service.WithBearer(
            watched.Service.Tokens.User(watched.Devices.Owner, [Roles.User], sid: login));
        using var answer = await client.PostAsJsonAsync(
            "/api/media/sessions", new { deviceId = watched.Devices.DeviceId });
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    [Fact]
    public async Task What_a_process_that_died_left_open_is_ended()
    {
        await using var watched = await WatchedService.StartAsync();
        var (id, began) = (Guid.CreateVersion7(), DateTimeOffset.UtcNow.AddMinutes(-10));
        await watched.Service.InDatabaseAsync(db =>
        {
            db.Add(new StreamSession
            {
                Id = id, DeviceId = Guid.CreateVersion7(), OwnerId = Guid.CreateVersion7(),
                UserId = Guid.CreateVersion7(), StartedAt = began, SeenAt = began.AddMinutes(3),
            });
            return db.SaveChangesAsync();
        });
        await using var lives = await watched.WatchAsync();
        await Wait.UntilAsync("its end to be told", async () =>
            (await watched.Service.PublishedAsync<MediaSessionEnded>()).Count > 0);
        var told = Assert.Single(await watched.Service.PublishedAsync<MediaSessionEnded>());
        Assert.Equal((id, 180, "service-stopped"), (told.SessionId, told.Seconds, told.Reason));
        await lives.PlaysAsync();
    }

    [Fact]
    public async Task A_service_that_stops_tells_its_viewers_and_writes_it_down()
    {
        await using var watched = await WatchedService.StartAsync();
        await using var socket = await watched.WatchAsync();
        await socket.PlaysAsync();
        watched.Service.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        Assert.Equal("service-stopped", (await socket.HearsAsync("ended")).GetProperty("reason").GetString());
        await socket.ClosesAsync();
        await using var next = watched.Again();
        await Wait.UntilAsync("its end", () => next.InDatabaseAsync(async db =>
            await ((MediaDb)db).Sessions.SingleAsync() is { EndReason: "service-stopped", EndedAt: not null }), 5);
    }

    [Fact]
    public async Task A_device_service_that_answers_oddly_for_a_while_ends_no_picture()
    {
        await using var watched = await WatchedService.StartAsync();
        await using var socket = await watched.WatchAsync();
        await socket.PlaysAsync();
        watched.Devices.IsForbidding = true;
        await watched.Phone.RestartAsync();
        await socket.HearsAsync("state", s => s.GetProperty("phone").GetString() == "waiting");
        var asked = watched.Devices.Asked;
        await Wait.UntilAsync("several tries", () => watched.Devices.Asked > asked + 2);
        watched.Devices.IsForbidding = false;
        await socket.PlaysAsync();
    }

    [Fact]
    public async Task Whoever_does_not_come_is_not_waited_for()
    {
        await using var watched = await WatchedService.StartAsync();
        await watched.OpenAsync();
        await Wait.UntilAsync("its end", async () => (await watched.RowsAsync())[0].EndReason == "closed", 40);
    }

    static async Task<IReadOnlyList<JsonElement>> ItemsAsync(HttpClient client) =>
        [.. (await client.GetFromJsonAsync<JsonElement>("/api/media/sessions")).GetProperty("items").EnumerateArray()];
}
