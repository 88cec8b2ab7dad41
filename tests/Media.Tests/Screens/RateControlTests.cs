using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Media.Sessions;
using CloudPhone.Media.Tests.Sessions;
using CloudPhone.Media.Tests.WebRtc.Rtcp;
using CloudPhone.Media.Tests.WebRtc.Sdp;
using CloudPhone.Media.Tests.WebRtc.Udp;
using CloudPhone.Media.WebRtc.Srtp;
using CloudPhone.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Media.Tests.Screens;

/// <summary>A viewer that becomes slow makes a real session of scrcpy take the place of another.</summary>
[Collection(nameof(UdpHubs))]
public sealed class RateControlTests
{
    const int Kept = 256;
    /// <summary>Calm takes its time.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_slow_viewer_lowers_the_rate_and_what_is_typed_meanwhile_is_typed()
    {
        await using var watched = await WatchedService.StartAsync();
        await using var owner = await watched.WatchAsync();
        Assert.Equal(4000, (await owner.HearsAsync("state", s => s.GetProperty("phone").GetString() == "playing"))
            .GetProperty("kilobits").GetInt32());
        await owner.SendAsync(new { type = "pictures", mode = "video" });
        await owner.SeesAsync();
        using var slow = await JoinAsync(watched);
        await using var consent = new Timer(_ => slow.Viewer.Check(), null, 0, 5_000); // as browsers give it
        await using (new Timer(_ => slow.Fall(), null, 0, 300))
            await TypesUntilAsync(owner, kilobits: 800);
        await TypesUntilAsync(owner, kilobits: 1500);
        var seen = slow.Viewer.SeesPacketAsync();
        await owner.SendAsync(new { type = "rotate" }); // a still screen sends nothing
        await seen;
        Assert.Null(owner.Failure);
    }

    static async Task TypesUntilAsync(TestSocket socket, int kilobits)
    {
        using var end = new CancellationTokenSource();
        var typing = TypeAsync(socket, end.Token);
        await socket.HearsAsync("state", s => s.GetProperty("kilobits").GetInt32() == kilobits, Patience);
        await end.CancelAsync();
        var typed = await typing;
        await socket.SendAsync(new { type = "get-clipboard" });
        Assert.Equal(typed, (await socket.HearsAsync("clipboard")).GetProperty("text").GetString());
    }

    /// <summary>As fast as nobody types; and the screen is turned, which is much to send.</summary>
    /// <returns>As much of it as the phone keeps.</returns>
    static async Task<string> TypeAsync(TestSocket socket, CancellationToken ct)
    {
        var typed = "";
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var i = 0; !ct.IsCancellationRequested; i++)
        {
            typed += $"{i} ";
            await socket.SendAsync(new { type = "text", text = $"{i} " });
            if (i % 20 == 0)
                await socket.SendAsync(new { type = "rotate" });
            await pace.WaitForNextTickAsync(CancellationToken.None);
        }
        return typed[^Math.Min(typed.Length, Kept)..];
    }

    static async Task<SlowViewer> JoinAsync(WatchedService watched)
    {
        var certificate = TestCertificate.Make();
        using var answer = await watched.PostAsync(
            new { deviceId = watched.Devices.DeviceId, sdp = TestOffer.Text(certificate.Fingerprint) });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var session = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var live = watched.Service.Services.GetRequiredService<LiveSessions>()
            .Find(session.GetProperty("sessionId").GetGuid())!;
        var sdp = session.GetProperty("sdp").GetString()!;
        var candidate = sdp.Split("\r\n").First(l => l.StartsWith("a=candidate:", StringComparison.Ordinal)).Split(' ');
        var viewer = new TestViewer(live.Peer!, _ => sdp, certificate,
            new(IPAddress.Parse(candidate[4]), int.Parse(candidate[5])));
        await viewer.ConnectAsync(SrtpProfile.AeadAes128Gcm);
        // all of the picture may be here by now, and on a still screen no more comes
        await Wait.UntilAsync("the picture", () => viewer.Media.Count > 0);
        return new(viewer);
    }

    /// <summary>Whose estimate falls, again and again.</summary>
    sealed class SlowViewer(TestViewer viewer) : IDisposable
    {
        int _reports;

        public TestViewer Viewer => viewer;

        public void Fall() => viewer.Report(TestReports.Remb(viewer.Ssrc, _reports++ % 2 == 0 ? 1_000_000 : 900_000));

        public void Dispose() => viewer.Dispose();
    }
}
