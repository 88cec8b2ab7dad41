using CloudPhone.Media.Tests.WebRtc.Rtcp;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.Srtp;
using CloudPhone.Testing;
using static CloudPhone.Media.Tests.WebRtc.Udp.HubFixture;

namespace CloudPhone.Media.Tests.WebRtc.Udp;

[Collection(nameof(UdpHubs))]
public sealed class HubTests
{
    [Theory]
    [InlineData(V4, SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes128Gcm)]
    [InlineData(V4, SrtpProfile.AesCm128HmacSha1, SrtpProfile.AesCm128HmacSha1)]
    [InlineData(V4, SrtpProfile.AeadAes128Gcm, SrtpProfile.AesCm128HmacSha1, SrtpProfile.AeadAes128Gcm)]
    [InlineData(V6, SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes128Gcm)]
    public async Task A_viewer_sees_the_stream(string address, object best, params object[] offered)
    {
        using var hub = new HubFixture();
        hub.Add(5_000, key: true); // before it came
        hub.Add(700);
        var viewer = hub.Viewer(address: address);
        await viewer.ConnectAsync([.. offered.Cast<SrtpProfile>()]);
        Assert.Equal((SrtpProfile)best, viewer.Profile);
        await Wait.UntilAsync("that it watches", () => hub.Stream.Viewers == 1);
        for (var i = 0; i < 60; i++)
            hub.Add(i == 30 ? 90_000 : 900 + (i * 37), key: i == 30);
        await hub.SeesAllAsync(viewer);
        Assert.Equal(0, hub.Hub.Dropped);
    }

    [Fact]
    public async Task What_a_viewer_reports_is_heard()
    {
        using var hub = new HubFixture();
        var viewer = await hub.PlayingViewerAsync();
        hub.Add(3_000, key: true);
        await hub.SeesAllAsync(viewer);
        var first = viewer.Media.First();
        var ssrc = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(first.AsSpan(8));
        viewer.Report(TestReports.PictureLoss(ssrc));
        await Wait.UntilAsync("the wish", () => hub.Signals.Contains((viewer.Peer, PeerSignals.KeyFrame)));
        viewer.Report(TestReports.Nack(ssrc, (ushort)((first[2] << 8) | first[3])));
        await Wait.UntilAsync("the packet once more", () => viewer.Media.Count(m => m.SequenceEqual(first)) == 2);
    }

    [Fact]
    public async Task Of_two_viewers_a_slow_one_loses_pictures_and_the_other_none()
    {
        using var hub = new HubFixture();
        var (quick, slow) = (await hub.PlayingViewerAsync(), await hub.PlayingViewerAsync());
        hub.Add(3_000, key: true);
        await hub.SeesAllAsync(slow);
        var ssrc = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(slow.Media.First().AsSpan(8));
        foreach (var estimate in new[] { 2_000_000, 200_000 }) // it falls
        {
            slow.Report(TestReports.Remb(ssrc, (long)estimate));
            await Wait.UntilAsync("what it says",
                () => slow.Peer.Statistics().Estimate is { } e && Math.Abs(e - estimate) < 1_000);
        }
        for (var i = 0; i < 100; i++)
            hub.Add(3_000);
        await hub.SeesAllAsync(quick);
        Assert.Equal(0, quick.Peer.Statistics().FramesDropped);
        Assert.InRange(slow.Peer.Statistics().FramesDropped, 50, 100);
        Assert.True(hub.Stream.IsKeyFrameDue(hub.Hub.Now), "it needs a key frame");
        var packets = slow.Peer.Statistics().Packets;
        hub.Add(3_000, key: true);
        await Wait.UntilAsync("its next picture", () => slow.Peer.Statistics().Packets == packets + 4
            && slow.Media.Count == packets + 4);
        await hub.SeesAllAsync(quick);
    }

    [Fact]
    public async Task A_viewer_that_moves_is_followed()
    {
        using var hub = new HubFixture();
        var viewer = await hub.PlayingViewerAsync();
        hub.Add(3_000, key: true);
        await hub.SeesAllAsync(viewer);
        var old = viewer.Socket;
        viewer.Move();
        var answers = viewer.Answers;
        viewer.Check(nominate: false); // only tries the way
        await Wait.UntilAsync("its answer", () => viewer.Answers == answers + 1);
        hub.Add(3_000);
        await hub.SeesAllAsync(viewer);
        viewer.Check();
        await Wait.UntilAsync("its answer", () => viewer.Answers == answers + 2);
        old.Dispose();
        for (var i = 0; i < 10; i++)
            hub.Add(3_000);
        await hub.SeesAllAsync(viewer);
        viewer.Leave(); // told by the new address
        await hub.EndsAsync(viewer, PeerEnd.ByBrowser);
    }

    [Fact]
    public async Task A_viewer_that_says_goodbye_is_gone()
    {
        using var hub = new HubFixture();
        var (viewer, other) = (await hub.PlayingViewerAsync(), await hub.PlayingViewerAsync());
        viewer.Leave();
        await hub.EndsAsync(viewer, PeerEnd.ByBrowser);
        Assert.Equal(1, hub.Hub.Count);
        Assert.True(other.Peer.IsPlaying);
    }

    [Fact]
    public async Task One_that_is_removed_hears_nothing_more()
    {
        using var hub = new HubFixture();
        var (viewer, other) = (await hub.PlayingViewerAsync(), await hub.PlayingViewerAsync());
        hub.Add(3_000, key: true);
        await hub.SeesAllAsync(viewer);
        var (heard, answers, packets) = (viewer.HandshakeDatagrams, viewer.Answers, viewer.Media.Count);
        hub.Hub.Remove(viewer.Peer);
        await Wait.UntilAsync("the goodbye", () => viewer.HandshakeDatagrams > heard);
        viewer.Check();
        hub.Add(3_000);
        other.Check(); // comes after it to the same socket
        await Wait.UntilAsync("the other's answer", () => other.Answers == 2);
        await hub.SeesAllAsync(other);
        Assert.Equal((answers, packets), (viewer.Answers, viewer.Media.Count));
    }
}
