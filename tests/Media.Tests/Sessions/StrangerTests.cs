using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using CloudPhone.Media.Screens;
using CloudPhone.Media.Sessions;
using CloudPhone.Media.Tests.WebRtc.Sdp;
using CloudPhone.Media.WebRtc.Udp;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Media.Tests.Sessions;

public sealed class StrangerTests
{
    const int Tries = 200;

    /// <summary>They begin nothing, hold nothing and see nothing, and who watches does not notice.</summary>
    [Fact]
    public async Task Strangers_and_expired_shares_are_refused_while_a_session_plays()
    {
        await using var watched = await WatchedService.StartAsync();
        var session = await watched.OpenAsync();
        await using var socket = await watched.SocketAsync(session);
        var size = await socket.PlaysAsync();
        await socket.SendAsync(new { type = "pictures", mode = "video" });
        await socket.SeesAsync();
        var expired = watched.Share();
        var guest = await watched.OpenAsync(expired);
        watched.Devices.Shares.Clear();
        await Wait("the guest's end", () => Sessions(watched).Find(guest.GetProperty("sessionId").GetGuid()) is null);
        using var stranger = watched.Service.As(Guid.CreateVersion7());
        using var nobody = watched.Service.Anonymous();
        using var forger = watched.Service.WithBearer("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.");
        var (sdp, device) = (TestOffer.Text(), watched.Devices.DeviceId);
        for (var i = 0; i < Tries; i++)
        {
            var (frames, picture) = (socket.Frames, socket.Picture());
            await RefusedAsync(stranger, "sessions", new { deviceId = device, sdp }, HttpStatusCode.NotFound);
            await RefusedAsync(nobody, "sessions", new { deviceId = device, sdp }, HttpStatusCode.Unauthorized);
            await RefusedAsync(forger, "sessions", new { deviceId = device, sdp }, HttpStatusCode.Unauthorized);
            await RefusedAsync(nobody, "shared-sessions", new { shareToken = expired, sdp }, HttpStatusCode.NotFound);
            if (i % 20 != 0)
                continue;
            await Assert.ThrowsAsync<WebSocketException>(() => watched.SocketAsync(session, "guessed"));
            await Assert.ThrowsAsync<WebSocketException>(() => watched.SocketAsync(guest));
            await socket.TapAsync(size, 100 + i, 200 + (2 * i)); // the picture goes on
            await socket.SeesAsync(frames + 1);
            await socket.ChangesAsync(picture);
        }
        Assert.Single(Sessions(watched).All);
        Assert.Equal(0, watched.Service.Services.GetRequiredService<UdpHub>().Count);
        Assert.Equal(1, watched.Service.Services.GetRequiredService<PhoneScreens>().Count);
        Assert.Equal(2, (await watched.RowsAsync()).Count);
        Assert.Null(socket.Closed.Status);
    }

    static async Task RefusedAsync(HttpClient client, string what, object body, HttpStatusCode status)
    {
        using var answer = await client.PostAsJsonAsync($"/api/media/{what}", body);
        Assert.Equal(status, answer.StatusCode);
    }

    static LiveSessions Sessions(WatchedService watched) =>
        watched.Service.Services.GetRequiredService<LiveSessions>();

    static Task Wait(string what, Func<bool> condition) => Testing.Wait.UntilAsync(what, condition, 40);
}
