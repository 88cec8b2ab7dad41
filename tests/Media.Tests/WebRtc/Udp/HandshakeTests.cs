using System.Diagnostics;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.Dtls;
using CloudPhone.Media.WebRtc.Srtp;
using CloudPhone.Testing;

namespace CloudPhone.Media.Tests.WebRtc.Udp;

[Collection(nameof(UdpHubs))]
public sealed class HandshakeTests
{
    [Fact]
    public async Task Another_certificate_than_the_offer_announced_is_refused()
    {
        using var hub = new HubFixture();
        var playing = await hub.PlayingViewerAsync();
        var announced = TestCertificate.Make();
        var stolen = announced with { Key = TestCertificate.Make().Key }; // its key is not known to whoever shows it
        foreach (var viewer in new[]
        {
            hub.Viewer(announced, TestCertificate.Make()), hub.Viewer(announced, stolen), hub.Viewer(shown: false),
        })
        {
            await Assert.ThrowsAnyAsync<IOException>(() => viewer.ConnectAsync(SrtpProfile.AeadAes128Gcm));
            await hub.EndsAsync(viewer, PeerEnd.NoHandshake);
        }
        Assert.Equal(1, hub.Hub.Count);
        Assert.True(playing.Peer.IsPlaying);
    }

    [Fact]
    public async Task A_profile_that_nobody_knows_is_refused()
    {
        using var hub = new HubFixture();
        var viewer = hub.Viewer();
        await Assert.ThrowsAnyAsync<IOException>(() => viewer.ConnectAsync((SrtpProfile)2));
        await hub.EndsAsync(viewer, PeerEnd.NoHandshake);
    }

    [Fact]
    public async Task What_gets_lost_is_said_again()
    {
        using var hub = new HubFixture();
        var viewer = hub.Viewer(loses: n => n is 1 or 4); // the first word, and one of the last
        await viewer.ConnectAsync(SrtpProfile.AeadAes128Gcm);
        await Wait.UntilAsync("that it watches", () => hub.Stream.Viewers == 1);
        hub.Add(3_000, key: true);
        await hub.SeesAllAsync(viewer);
    }

    [Fact]
    public async Task A_forged_check_gets_no_answer_and_opens_no_way()
    {
        using var hub = new HubFixture();
        var (viewer, stranger) = (await hub.PlayingViewerAsync(), hub.Viewer());
        for (var i = 0; i < 20; i++)
            stranger.Check(password: "a password that somebody guessed");
        stranger.BeginHandshake();
        viewer.Check(); // comes after them to the same socket
        await Wait.UntilAsync("the answer", () => viewer.Answers == 2);
        Assert.Equal((0, 0), (stranger.Answers, stranger.HandshakeDatagrams));
        hub.Add(3_000, key: true);
        await hub.SeesAllAsync(viewer);
        await stranger.ConnectAsync(SrtpProfile.AeadAes128Gcm); // who it was meant to keep out is not
    }

    [Fact]
    public async Task Garbage_in_place_of_a_handshake_changes_nothing()
    {
        using var hub = new HubFixture();
        var viewer = await hub.PlayingViewerAsync();
        var random = new Random(1);
        for (var i = 0; i < 2_000; i++)
        {
            var record = new byte[random.Next(1, 200)];
            random.NextBytes(record);
            record[0] = (byte)(20 + (i % 5));
            if (record.Length > 12) // its head is right, its contents are not
                new byte[] { 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, (byte)i, 0, (byte)(record.Length - 13) }
                    .CopyTo(record, 1);
            viewer.Send(record);
            if (i % 20 != 0)
                continue;
            var answers = viewer.Answers;
            viewer.Check(); // so that no more waits than the socket can hold
            await Wait.UntilAsync("the answer", () => viewer.Answers == answers + 1);
        }
        hub.Add(3_000, key: true);
        await hub.SeesAllAsync(viewer);
        viewer.Leave(); // is still understood, so all of it was read
        await hub.EndsAsync(viewer, PeerEnd.ByBrowser);
    }

    /// <summary>Its number is far ahead of the viewer's: the library must not take it for the latest that came, and
    /// what the viewer says for old.</summary>
    [Fact]
    public async Task A_forged_record_from_the_future_deafens_nobody()
    {
        using var hub = new HubFixture();
        var viewer = await hub.PlayingViewerAsync();
        foreach (var type in new byte[] { 21, 22, 23 }) // an alert, a handshake, data
            foreach (var top in new byte[] { 0, 0x7F, 0xFF })
                viewer.Send([type, 0xFE, 0xFD, 0, 1, top, top, 0xFF, 0xFF, 0xFF, 0xFF, 0, 26, .. new byte[26]]);
        viewer.Leave();
        await hub.EndsAsync(viewer, PeerEnd.ByBrowser);
    }

    [Fact]
    public async Task One_owners_silent_handshakes_hold_up_no_other()
    {
        using var hub = new HubFixture(o => o with { HandshakeThreads = HandshakePool.MaxOfOne + 1 });
        var owner = new object();
        for (var i = 0; i < 3 * HandshakePool.MaxOfOne; i++)
            await BeginAsync(hub.Viewer(owner: owner));
        var watch = Stopwatch.StartNew();
        await hub.PlayingViewerAsync();
        Assert.InRange(watch.ElapsedMilliseconds, 0, 4_000);
    }

    /// <summary>They would keep their threads for eight seconds.</summary>
    [Fact]
    public async Task Where_silent_handshakes_of_many_hold_all_threads_the_oldest_give_way()
    {
        using var hub = new HubFixture(o => o with { HandshakeThreads = 3 });
        var silent = Enumerable.Range(0, 6).Select(_ => hub.Viewer(owner: new object())).ToList();
        foreach (var viewer in silent)
            await BeginAsync(viewer);
        var watch = Stopwatch.StartNew();
        await hub.PlayingViewerAsync();
        Assert.InRange(watch.ElapsedMilliseconds, 0, 6_000);
        await hub.EndsAsync(silent[0], PeerEnd.NoHandshake);
    }

    static async Task BeginAsync(TestViewer viewer)
    {
        viewer.Check();
        await Wait.UntilAsync("the answer", () => viewer.Answers == 1);
        viewer.BeginHandshake();
    }

    [Fact]
    public async Task Many_who_begin_and_fall_silent_leave_a_playing_viewer_alone()
    {
        using var hub = new HubFixture(
            o => o with { HandshakeThreads = 3, HandshakeTime = TimeSpan.FromMilliseconds(300) });
        var viewer = await hub.PlayingViewerAsync();
        hub.Add(3_000, key: true);
        var flood = Enumerable.Range(0, 60).Select(_ => hub.Viewer()).ToList();
        foreach (var silent in flood)
        {
            silent.Check();
            await Wait.UntilAsync("the answer", () => silent.Answers == 1);
            silent.BeginHandshake();
            hub.Add(1_500);
        }
        await hub.SeesAllAsync(viewer);
        Assert.Contains(flood, f => f.Peer.End == PeerEnd.None); // they are still at it
        foreach (var silent in flood)
            await hub.EndsAsync(silent, PeerEnd.NoHandshake);
        hub.Add(3_000, key: true);
        await hub.SeesAllAsync(viewer);
        await hub.PlayingViewerAsync(); // there is room again
    }
}
