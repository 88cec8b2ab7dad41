using CloudPhone.Testing;

namespace CloudPhone.Media.Tests.WebRtc.Udp;

/// <summary>Counts what the process has: nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class FloodTests
{
    const int Silent = 60, OfOneOwner = 3, Forged = 2_000, MaxKept = 16 << 20, Threads = 8, Handles = 8;

    /// <summary>Two play while others begin handshakes and fall silent, and anybody sends what is forged.</summary>
    [Fact]
    public async Task What_plays_goes_on_through_a_flood_and_nothing_is_left_of_it()
    {
        using var hub = new HubFixture(o => o with { HandshakeThreads = Threads });
        var (first, second) = (await hub.PlayingViewerAsync(), await hub.PlayingViewerAsync());
        hub.Add(20_000, key: true);
        await FloodAsync(hub); // makes the threads that stay
        var before = Left();
        for (var i = 0; i < 3; i++)
        {
            await FloodAsync(hub);
            await hub.SeesAllAsync(first);
            await hub.SeesAllAsync(second);
        }
        Assert.Equal(2, hub.Hub.Count);
        Assert.True(first.Peer.IsPlaying && second.Peer.IsPlaying);
        Assert.Equal(0, first.Peer.Statistics().FramesDropped + second.Peer.Statistics().FramesDropped);
        await hub.PlayingViewerAsync(); // there is room for genuine ones
        // tests before this one leave things behind that go by and by
        await Wait.UntilAsync("all of it to be gone", () => Left() is var after
            && after.Threads <= before.Threads + Threads && after.Handles <= before.Handles + Handles
            && after.Memory <= before.Memory + MaxKept, 30);
    }

    static async Task FloodAsync(HubFixture hub)
    {
        var flood = Enumerable.Range(0, Silent)
            .Select(i => hub.Viewer(owner: $"{i / OfOneOwner}")).ToList();
        foreach (var (i, viewer) in flood.Index())
        {
            viewer.Check();
            await Wait.UntilAsync("the answer", () => viewer.Answers == 1);
            viewer.BeginHandshake();
            for (var forged = 0; forged < Forged / Silent; forged++)
            {
                viewer.Check(password: $"guessed {forged}");
                viewer.Send([22, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, (byte)forged, 0, 26, .. new byte[26]]);
            }
            hub.Add(1_500 + (100 * i)); // pictures go on
        }
        foreach (var viewer in flood)
        {
            hub.Hub.Remove(viewer.Peer);
            viewer.Dispose();
        }
        await Wait.UntilAsync("their handshakes' end", () => hub.Hub.Handshakes == 0);
    }

    static (int Threads, int Handles, long Memory) Left() => (ShutDownTests.OwnThreads().Count,
        OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : 0, GC.GetTotalMemory(true));
}
