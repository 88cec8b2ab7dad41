using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using CloudPhone.Benchmarks.Measuring;
using CloudPhone.Media.Tests.WebRtc;

namespace CloudPhone.Benchmarks.Screens;

/// <summary>
/// Packets of 1 200 bytes, protected and given to the kernel, per second of this process's processor time: pictures of
/// eight packets for four viewers.
/// </summary>
static class PacketsBenchmark
{
    const int Viewers = 4, PictureBytes = 9_500;
    const string Runs = "a picture in one call", Single = "packet by packet", Plain = "AesGcm and Socket.SendTo alone";
    static readonly TimeSpan Length = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(int rounds)
    {
        using var watchers = new WatchersProcess();
        var allocated = 0.0;
        var comparison = new Comparison("protected packets/s of a core", [
            new(Runs, async () =>
            {
                (var rate, allocated) = await SendAsync(watchers, segments: true);
                return rate;
            }),
            new(Single, async () => (await SendAsync(watchers, segments: false)).Rate),
            new(Plain, () => Task.FromResult(SendPlain(watchers))),
        ]);
        (await comparison.RunAsync(rounds)).WriteRatios(
            new($"{Runs} / {Plain}", Runs, Plain), new($"{Runs} / {Single}", Runs, Single));
        Table.Write(["", "", ""], [
            [$"{Runs}: packets/s of a core", $"{comparison.Median(Runs):N0}", "asked for: 300,000"],
            ["allocated per packet", $"{allocated:0.000} bytes", "asked for: 0"],
        ]);
    }

    static async Task<(double Rate, double Allocated)> SendAsync(WatchersProcess watchers, bool segments)
    {
        using var hub = WatchersProcess.NewHub(segments);
        if (hub.SendsSegments != segments)
            throw new MissingProgramException("this kernel has no UDP_SEGMENT.");
        var stream = hub.NewStream();
        var peers = await watchers.JoinAsync(hub, stream, Viewers);
        long Sent() => peers.Sum(p => (long)p.Statistics().Packets);
        var key = TestPictures.Unit(TestPictures.Slice(PictureBytes, true, 1));
        var picture = TestPictures.Unit(TestPictures.Slice(PictureBytes, false, 2));
        stream.Add(key, default, hub.Now);
        for (var i = 0; i < 1_000; i++) // what is pooled is there after that
            stream.Add(picture, hub.Now, hub.Now);
        var (packets, begin) = (Sent(), GC.GetAllocatedBytesForCurrentThread());
        var used = Cpu.Measure(Length, () => stream.Add(picture, hub.Now, hub.Now));
        var (bytes, sent) = (GC.GetAllocatedBytesForCurrentThread() - begin, Sent() - packets);
        return (sent / used.TotalSeconds, (double)bytes / sent);
    }

    /// <summary>What one would write without thinking about it, and without anything around it.</summary>
    static double SendPlain(WatchersProcess watchers)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        watchers.Begin(((IPEndPoint)socket.LocalEndPoint!).Port);
        var (payload, packet, nonce) = (RandomNumberGenerator.GetBytes(1_172), new byte[1_200], new byte[12]);
        var to = new SocketAddress(AddressFamily.InterNetwork);
        socket.ReceiveFrom(packet, SocketFlags.None, to);
        using var gcm = new AesGcm(RandomNumberGenerator.GetBytes(16), 16);
        var sent = 0L;
        var used = Cpu.Measure(Length, () =>
        {
            BitConverter.TryWriteBytes(nonce, ++sent);
            gcm.Encrypt(nonce, payload, packet.AsSpan(12, payload.Length), packet.AsSpan(12 + payload.Length, 16),
                packet.AsSpan(0, 12));
            socket.SendTo(packet, SocketFlags.None, to);
        });
        return sent / used.TotalSeconds;
    }
}
