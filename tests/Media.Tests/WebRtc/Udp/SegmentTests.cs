using System.Net.Sockets;
using CloudPhone.Media.WebRtc.Udp;

namespace CloudPhone.Media.Tests.WebRtc.Udp;

[Collection(nameof(UdpHubs))]
public sealed class SegmentTests
{
    const int SolSocket = 1, NoCheck = 11;

    [Theory]
    [InlineData(HubFixture.V4)]
    [InlineData(HubFixture.V6)]
    public async Task A_frame_is_one_call(string address)
    {
        using var hub = new HubFixture();
        await PlayAsync(hub, address);
        Assert.Equal(SegmentedSend.IsOffered, hub.Hub.SendsSegments);
    }

    [Fact]
    public async Task Without_it_packets_go_one_by_one()
    {
        using var hub = new HubFixture(o => o with { Segments = false });
        await PlayAsync(hub, HubFixture.V4);
        Assert.False(hub.Hub.SendsSegments);
    }

    /// <summary>Linux refuses segments of a socket that computes no checksums.</summary>
    [Fact]
    public async Task Where_the_kernel_refuses_it_nothing_is_lost()
    {
        using var hub = new HubFixture(o => o with { Configure = TurnChecksumsOff });
        Assert.Equal(SegmentedSend.IsOffered, hub.Hub.SendsSegments);
        await PlayAsync(hub, HubFixture.V4);
        Assert.False(hub.Hub.SendsSegments);
        Assert.Equal(0, hub.Hub.Dropped);
    }

    static async Task PlayAsync(HubFixture hub, string address)
    {
        var viewer = await hub.PlayingViewerAsync(address);
        hub.Add(100_000, key: true); // more than one call can take
        for (var i = 1; i < 20; i++)
            hub.Add(i * 400);
        await hub.SeesAllAsync(viewer);
    }

    static void TurnChecksumsOff(Socket socket)
    {
        if (OperatingSystem.IsLinux())
            socket.SetRawSocketOption(SolSocket, NoCheck, BitConverter.GetBytes(1));
    }
}
