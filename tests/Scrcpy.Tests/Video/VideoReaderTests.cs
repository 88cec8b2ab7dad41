using System.Buffers.Binary;
using System.IO.Pipelines;
using CloudPhone.Scrcpy.Video;

namespace CloudPhone.Scrcpy.Tests.Video;

public sealed class VideoReaderTests
{
#if DEBUG
    const int StateMachine = 200; // is an object where the compiler does not optimise
#else
    const int StateMachine = 0;
#endif
    const ulong Config = 1UL << 62, Key = 1UL << 61;

    internal static byte[] Session(uint width, uint height, uint flags = 0x80000000)
    {
        var bytes = new byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, flags);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), width);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), height);
        return bytes;
    }

    internal static byte[] Media(ulong flags, byte[] data, uint? size = null)
    {
        var bytes = new byte[12 + data.Length];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, flags);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), size ?? (uint)data.Length);
        data.CopyTo(bytes, 12);
        return bytes;
    }

    static VideoReader Of(params byte[][] packets) =>
        new(new PiecesStream([.. packets.SelectMany(p => p)], 7), 100_000);

    [Fact]
    public async Task Packets_are_told_apart_and_pictures_have_their_time()
    {
        var large = Enumerable.Range(0, 100_000).Select(i => (byte)i).ToArray();
        var reader = Of(Session(720, 1280), Media(Config, [1, 2]), Media(Key | 5, large), Media(1_000_007, [9]),
            Session(1280, 720, 0x80000001));
        Assert.Equal(new(VideoPacketKind.Session, TimeSpan.Zero, 720, 1280, default), await reader.ReadAsync(default));
        var config = (await reader.ReadAsync(default))!.Value;
        Assert.Equal((VideoPacketKind.Config, TimeSpan.Zero), (config.Kind, config.Time));
        Assert.Equal([1, 2], config.Data.ToArray());
        var key = (await reader.ReadAsync(default))!.Value;
        Assert.Equal((VideoPacketKind.Key, TimeSpan.FromMicroseconds(5)), (key.Kind, key.Time));
        Assert.True(key.Data.Span.SequenceEqual(large));
        var frame = (await reader.ReadAsync(default))!.Value;
        Assert.Equal((VideoPacketKind.Frame, TimeSpan.FromMicroseconds(1_000_007)), (frame.Kind, frame.Time));
        Assert.Equal([9], frame.Data.ToArray());
        var turned = (await reader.ReadAsync(default))!.Value;
        Assert.Equal((1280, 720), (turned.Width, turned.Height));
        Assert.Null(await reader.ReadAsync(default));
    }

    public static TheoryData<string, byte[]> Wrong => new()
    {
        { "a video of 0x1280", Session(0, 1280) },
        { "a video of 720x16385", Session(720, 16385) },
        { "a picture of 0 bytes", Media(0, []) },
        { "a picture of 100001 bytes, of which at most 100000 are taken", Media(Key, [], 100_001) },
        { "a picture of 4294967295 bytes", Media(Config, [], uint.MaxValue) },
        { "a picture of no time", Media(Key - 1, [1]) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_no_packet_is_an_error_that_says_what_came(string words, byte[] bytes)
    {
        var e = await Assert.ThrowsAsync<ScrcpyException>(async () => await Of(bytes).ReadAsync(default));
        Assert.Equal(ScrcpyFault.Protocol, e.Fault);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_end_within_a_packet_is_an_error_wherever_it_is()
    {
        var packet = Media(Key | 5, [1, 2, 3]);
        Assert.Null(await Of([]).ReadAsync(default));
        for (var length = 1; length < packet.Length; length++)
            Assert.Equal(ScrcpyFault.Ended, (await Assert.ThrowsAsync<ScrcpyException>(async () =>
                await Of(packet[..length]).ReadAsync(default))).Fault);
    }

    [Fact]
    public async Task Who_gives_up_within_a_packet_goes_on_there()
    {
        var pipe = new Pipe();
        var reader = new VideoReader(pipe.Reader.AsStream(), 1000);
        var packet = Media(7, [1, 2, 3]);
        foreach (var b in packet[..^1])
        {
            using var patience = new CancellationTokenSource();
            var reading = reader.ReadAsync(patience.Token).AsTask();
            await pipe.Writer.WriteAsync(new[] { b });
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        }
        await pipe.Writer.WriteAsync(packet.AsMemory(packet.Length - 1));
        var got = (await reader.ReadAsync(default))!.Value;
        Assert.Equal(TimeSpan.FromMicroseconds(7), got.Time);
        Assert.Equal([1, 2, 3], got.Data.ToArray());
        Assert.Equal(packet.Length, reader.BytesRead);
    }

    [Fact]
    public async Task A_picture_costs_no_memory()
    {
        byte[] packet = Media(Key | 5, new byte[5000]);
        var stream = new MemoryStream([.. Enumerable.Repeat(packet, 1000).SelectMany(p => p)]);
        var reader = new VideoReader(stream, 100_000);
        for (var i = 0; i < 500; i++)
            Read();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 500; i++)
            Read();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500 * StateMachine);
        Assert.Null(await reader.ReadAsync(default));

        void Read()
        {
            var reading = reader.ReadAsync(default);
            Assert.True(reading.IsCompletedSuccessfully && reading.GetAwaiter().GetResult()!.Value.Data.Length == 5000);
        }
    }
}
