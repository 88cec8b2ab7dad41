using System.Buffers.Binary;
using System.Globalization;
using CloudPhone.Scrcpy.Control;
using CloudPhone.Scrcpy.Tests.Video;
using CloudPhone.Scrcpy.Video;

namespace CloudPhone.Scrcpy.Tests;

/// <summary>
/// A million inputs to each reader, mostly well-formed with something wrong in them: nothing but its own exception, and
/// no memory for lengths that were only claimed. The seed is in the failure.
/// </summary>
public sealed class FuzzTests
{
    static readonly int Count =
        int.TryParse(Environment.GetEnvironmentVariable("CLOUDPHONE_FUZZ"), CultureInfo.InvariantCulture, out var n)
            ? n : 1_000_000;

    const int MaxFrame = 16 << 20;

    /// <summary>For a reader's own buffers and exceptions; a claimed length would be much more.</summary>
    const long MaxAllocated = 64 << 10;
    static readonly uint[] Lengths =
        [0, 1, 300, 4096, 4097, DeviceMessageReader.MaxText, DeviceMessageReader.MaxText + 1, 1 << 18, MaxFrame,
            MaxFrame + 1, int.MaxValue, 0x80000000, uint.MaxValue];

    [Fact]
    public Task Video() => RunAsync(MakeVideo, async (bytes, most) =>
    {
        var reader = new VideoReader(new PiecesStream(bytes, most), MaxFrame);
        while (await reader.ReadAsync(default) is { } packet)
        {
            var isSession = packet.Kind == VideoPacketKind.Session;
            Assert.True(isSession ? packet.Data.Length == 0 && packet is { Width: > 0, Height: > 0 }
                : packet.Data.Length > 0 && packet.Data.Length < bytes.Length && packet.Time >= TimeSpan.Zero);
        }
        Assert.Equal(bytes.Length, reader.BytesRead);
    });

    [Fact]
    public Task Messages_of_the_phone() => RunAsync(MakeMessages, async (bytes, most) =>
    {
        var reader = new DeviceMessageReader(new PiecesStream(bytes, most));
        while (await reader.ReadAsync(default) is { } message)
            Assert.True(message.Text is null || message.Text.Length < bytes.Length);
    });

    static async Task RunAsync(Func<Random, byte[]> make, Func<byte[], int, Task> parse)
    {
        var refused = 0;
        for (var seed = 0; seed < Count; seed++)
        {
            var random = new Random(seed);
            var bytes = make(random);
            var most = random.Next(1, 30);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var parsing = parse(bytes, most);
                Assert.True(parsing.IsCompleted, $"seed {seed} waits"); // what is in memory needs no other thread
                await parsing;
            }
            catch (ScrcpyException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e}");
            }
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < MaxAllocated, $"seed {seed} took {allocated} bytes");
        }
        Assert.InRange(refused, Count / 10, Count * 9 / 10); // it is neither all good nor all nonsense
    }

    static byte[] MakeVideo(Random random)
    {
        using var stream = new MemoryStream();
        for (var i = random.Next(3); i >= 0; i--)
        {
            if (random.Next(3) == 0)
            {
                stream.Write(VideoReaderTests.Session((uint)random.Next(1, 2000), (uint)random.Next(1, 2000)));
                continue;
            }
            var data = new byte[random.Next(1, 40)];
            random.NextBytes(data);
            stream.Write(VideoReaderTests.Media(
                (ulong)random.NextInt64() & ~(1UL << 60), data));
        }
        return Mutated(random, stream.ToArray(), 8);
    }

    static byte[] MakeMessages(Random random)
    {
        using var stream = new MemoryStream();
        for (var i = random.Next(3); i >= 0; i--)
        {
            var data = new byte[random.Next(40)];
            random.NextBytes(data);
            var length = (byte)data.Length;
            stream.Write(random.Next(3) switch
            {
                0 => [0, 0, 0, 0, length, .. data],
                1 => [1, .. new byte[8]],
                _ => (byte[])[2, 0, 0, 0, length, .. data],
            });
        }
        return Mutated(random, stream.ToArray(), 1);
    }

    /// <param name="lengthAt">Where the first length stands.</param>
    static byte[] Mutated(Random random, byte[] bytes, int lengthAt)
    {
        switch (random.Next(7))
        {
            case 0:
                return bytes[..random.Next(bytes.Length + 1)];
            case 1:
                random.NextBytes(bytes);
                return bytes;
            case 2 when bytes.Length >= lengthAt + 4:
                BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(lengthAt), Lengths[random.Next(Lengths.Length)]);
                return bytes;
            case 3 when bytes.Length > 4:
                BinaryPrimitives.WriteUInt32BigEndian(
                    bytes.AsSpan(random.Next(bytes.Length - 3)), Lengths[random.Next(Lengths.Length)]);
                return bytes;
            case 4 when bytes.Length > 0:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
            default:
                return bytes;
        }
    }
}
