using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CloudPhone.Media.WebRtc;
using CloudPhone.Testing;

namespace CloudPhone.Media.Tests.WebRtc.Udp;

[Collection(nameof(Alone))]
public sealed class ShutDownTests
{
    [Fact]
    public async Task Nothing_of_a_hub_is_left()
    {
        var hub = new HubFixture();
        var (playing, silent) = (await hub.PlayingViewerAsync(), hub.Viewer());
        silent.Check();
        await Wait.UntilAsync("the answer", () => silent.Answers == 1);
        silent.BeginHandshake();
        await Wait.UntilAsync("the server's word", () => silent.HandshakeDatagrams > 0);
        Assert.NotEmpty(OwnThreads());

        var (watch, heard) = (Stopwatch.StartNew(), playing.HandshakeDatagrams);
        hub.Hub.Dispose();
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 4); // not as long as a handshake may take
        Assert.Equal((PeerEnd.Closed, PeerEnd.Closed), (playing.Peer.End, silent.Peer.End));
        Assert.Equal(0, hub.Hub.Count);
        await Wait.UntilAsync("the goodbye", () => playing.HandshakeDatagrams > heard);
        await Wait.UntilAsync("the threads' end", () => OwnThreads().Count == 0);
        foreach (var candidate in hub.Hub.Candidates)
            using (var socket = new Socket(candidate.AddressFamily, SocketType.Dgram, ProtocolType.Udp))
                socket.Bind(candidate);
        hub.Add(3_000, key: true); // whoever still sends is not hurt
        hub.Dispose();
    }

    [Fact]
    public void A_port_that_is_taken_leaves_nothing_behind()
    {
        using var taken = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        taken.DualMode = false;
        taken.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        Assert.Throws<SocketException>(() => new HubFixture(o => o with { Port = port }));
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        free.Bind(new IPEndPoint(IPAddress.Loopback, port));
    }

    /// <summary>By the names that they have on Linux.</summary>
    internal static List<string> OwnThreads() =>
        [.. Directory.EnumerateDirectories("/proc/self/task").Select(Name)
            .Where(n => n.StartsWith("udp ", StringComparison.Ordinal)
                || n.StartsWith("handshake", StringComparison.Ordinal))];

    static string Name(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm"));
        }
        catch (IOException)
        {
            return ""; // it ended while we looked
        }
    }
}
