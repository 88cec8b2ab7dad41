using System.Collections.Concurrent;
using System.Net;
using CloudPhone.Media.Tests.WebRtc.H264;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.Srtp;
using CloudPhone.Media.WebRtc.Udp;
using CloudPhone.Testing;

namespace CloudPhone.Media.Tests.WebRtc.Udp;

/// <summary>A hub on a free port, a stream, and viewers that join it when they can be sent to.</summary>
sealed class HubFixture : IDisposable
{
    public const string V4 = "127.0.0.1", V6 = "::1";
    readonly List<TestViewer> _viewers = [];
    readonly Depacketizer _expected = new();
    int _frames;

    public HubFixture(Func<HubOptions, HubOptions>? options = null)
    {
        var plain = new HubOptions(0, [IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            Local = IPAddress.Loopback, LocalV6 = IPAddress.IPv6Loopback,
        };
        Hub = new(options?.Invoke(plain) ?? plain, TimeProvider.System);
        Stream = Hub.NewStream();
        Hub.Signalled += (peer, signals) =>
        {
            Signals.Enqueue((peer, signals));
            if ((signals & PeerSignals.Playing) != 0)
                Stream.Join(peer, Hub.Now);
            if ((signals & PeerSignals.Closed) != 0)
                Stream.Leave(peer);
        };
    }

    public UdpHub Hub { get; }

    public VideoStream Stream { get; }

    public ConcurrentQueue<(Peer Peer, PeerSignals Signals)> Signals { get; } = new();

    /// <summary>What was put into the stream.</summary>
    public List<byte[]> Sent => _expected.Units;

    /// <param name="shown">False: it has no certificate to show.</param>
    public TestViewer Viewer(
        TestCertificate? announced = null, TestCertificate? other = null, bool shown = true, string address = V4,
        Func<int, bool>? loses = null, object? owner = null)
    {
        announced ??= TestCertificate.Make();
        var viewer = new TestViewer(Hub, announced, shown ? other ?? announced : null,
            Hub.Candidates.Single(c => c.Address.ToString() == address), owner)
        {
            Loses = loses ?? (_ => false),
        };
        _viewers.Add(viewer);
        return viewer;
    }

    public async Task<TestViewer> PlayingViewerAsync(string address = V4)
    {
        var viewer = Viewer(address: address);
        await viewer.ConnectAsync(SrtpProfile.AeadAes128Gcm, SrtpProfile.AesCm128HmacSha1);
        await Wait.UntilAsync("that it watches", () => Stream.Viewers == _viewers.Count(v => v.Peer.IsPlaying));
        return viewer;
    }

    public void Add(int length, bool key = false)
    {
        var slice = TestPictures.Slice(length, key, _frames);
        Sent.AddRange(key ? [TestPictures.Sps, TestPictures.Pps, slice] : [slice]);
        Stream.Add(TestPictures.Unit(slice), TimeSpan.FromMilliseconds(_frames++ * 33), Hub.Now);
    }

    /// <summary>That all of the stream has come, whole and in its order.</summary>
    public async Task SeesAllAsync(TestViewer viewer)
    {
        await Wait.UntilAsync("all packets", () => viewer.Media.Count == viewer.Peer.Statistics().Packets);
        var seen = new Depacketizer();
        foreach (var packet in viewer.Media)
            seen.Add(viewer.Open(packet));
        Assert.Equal(Sent, seen.Units);
    }

    public async Task EndsAsync(TestViewer viewer, PeerEnd end)
    {
        await Wait.UntilAsync("its end", () => Signals.Contains((viewer.Peer, PeerSignals.Closed)));
        Assert.Equal(end, viewer.Peer.End);
    }

    public void Dispose()
    {
        Hub.Dispose();
        foreach (var viewer in _viewers)
            viewer.Dispose();
    }
}
