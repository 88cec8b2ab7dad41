using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CloudPhone.Media.Tests.WebRtc;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.Udp;
using CloudPhone.Scrcpy.Video;

namespace CloudPhone.Benchmarks.Screens;

/// <summary>A phone's video of 4 Mbit/s and 30 pictures a second, written as scrcpy does and read from a socket.
/// </summary>
sealed class FedStream : IDisposable
{
    const int PerSecond = 30, PictureBytes = 4_000_000 / 8 / PerSecond, MaxPicture = 1 << 20, HeadBytes = 12;
    const ulong IsKey = 1UL << 61;
    readonly UdpHub _hub;
    readonly Socket _phone, _ours;
    readonly List<long> _written = [];

    FedStream(UdpHub hub, Socket phone, Socket ours) =>
        (_hub, _phone, _ours, Stream) = (hub, phone, ours, hub.NewStream());

    public VideoStream Stream { get; }

    public static async Task<FedStream> StartAsync(UdpHub hub)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var phone = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await phone.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        return new(hub, phone, await listener.AcceptSocketAsync());
    }

    /// <returns>Of each picture: from before it was written to after its last packet was given to the kernel.</returns>
    public async Task<List<TimeSpan>> PlayAsync(TimeSpan length)
    {
        var count = (int)(length.TotalSeconds * PerSecond);
        var reading = Task.Run(() => ReadAsync(count));
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            var early = TimeSpan.FromSeconds((double)i / PerSecond) - Stopwatch.GetElapsedTime(start);
            if (early > TimeSpan.Zero)
                await Task.Delay(early);
            var packet = Packet(i);
            _written.Add(Stopwatch.GetTimestamp());
            await _phone.SendAsync(packet);
        }
        return await reading;
    }

    async Task<List<TimeSpan>> ReadAsync(int count)
    {
        var (reader, times) = (new VideoReader(new NetworkStream(_ours), MaxPicture), new List<TimeSpan>());
        while (times.Count < count)
        {
            var packet = await reader.ReadAsync(default) ?? throw new InvalidOperationException("It ended early.");
            Stream.Add(packet.Data.Span, packet.Time, _hub.Now);
            times.Add(Stopwatch.GetElapsedTime(_written[times.Count]));
        }
        return times;
    }

    static byte[] Packet(int i)
    {
        var isKey = i % 300 == 0;
        var unit = TestPictures.Unit(TestPictures.Slice(isKey ? 5 * PictureBytes : PictureBytes, isKey, i));
        var packet = new byte[HeadBytes + unit.Length];
        BinaryPrimitives.WriteUInt64BigEndian(packet, (ulong)i * 1_000_000 / PerSecond | (isKey ? IsKey : 0));
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(8), unit.Length);
        unit.CopyTo(packet, HeadBytes);
        return packet;
    }

    public void Dispose()
    {
        _phone.Dispose();
        _ours.Dispose();
    }
}
