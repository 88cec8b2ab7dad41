using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using CloudPhone.Benchmarks.Programs;
using CloudPhone.Media.Tests.WebRtc.Sdp;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.Srtp;
using CloudPhone.Media.WebRtc.Udp;
using CloudPhone.Testing;

namespace CloudPhone.Benchmarks.Screens;

/// <summary>The process of the <see cref="Watchers"/>, and their peers here.</summary>
sealed class WatchersProcess : IDisposable
{
    readonly Process _process;

    public WatchersProcess()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Watchers).Assembly.Location, "watchers"])
        {
            RedirectStandardInput = true,
        };
        _process = Process.Start(start)!;
    }

    public static UdpHub NewHub(bool segments = true) => new(
        new(0, [IPAddress.Loopback]) { Local = IPAddress.Loopback, Segments = segments }, TimeProvider.System);

    /// <summary>As many who watch the stream, without their handshakes: what is measured comes after.</summary>
    public async Task<List<Peer>> JoinAsync(UdpHub hub, VideoStream stream, int count)
    {
        var peers = Enumerable.Range(0, count).Select(_ => New(hub)).ToList();
        await Wait.UntilAsync("the watchers", () => peers.TrueForAll(p => p.IsPlaying), 60);
        foreach (var peer in peers)
            stream.Join(peer, hub.Now);
        return peers;
    }

    /// <summary>One that looks at that port, where somebody waits to hear of its address.</summary>
    public void Begin(int port, string username = "nobody", string password = "none")
    {
        _process.StandardInput.WriteLine($"{port} {username} {password}");
        _process.StandardInput.Flush();
    }

    Peer New(UdpHub hub)
    {
        var peer = hub.Add(TestOffer.Read());
        var answer = hub.Answer(peer).Split("\r\n");
        string Line(string name) => answer.Single(l => l.StartsWith(name, StringComparison.Ordinal))[name.Length..];
        peer.Secure(SrtpSession.ForServer(SrtpProfile.AeadAes128Gcm,
            RandomNumberGenerator.GetBytes(SrtpProfile.AeadAes128Gcm.MaterialLength())));
        Begin(hub.Candidates[0].Port, $"{Line("a=ice-ufrag:")}:{TestOffer.Ufrag}", Line("a=ice-pwd:"));
        return peer;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
