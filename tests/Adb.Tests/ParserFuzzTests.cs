using System.Buffers.Binary;
using System.Globalization;
using CloudPhone.Adb.Shell;
using CloudPhone.Adb.Sync;

namespace CloudPhone.Adb.Tests;

/// <summary>
/// A million inputs to each parser, mostly well-formed with something wrong in them: nothing but the protocol's own
/// exception, and no memory for lengths that were only claimed. The seed is in the failure.
/// </summary>
public sealed class ParserFuzzTests
{
    static readonly int Count =
        int.TryParse(Environment.GetEnvironmentVariable("CLOUDPHONE_FUZZ"), CultureInfo.InvariantCulture, out var n)
            ? n : 1_000_000;

    /// <summary>For the parser's own buffers and exceptions; a claimed length would be a megabyte and more.</summary>
    const long MaxAllocated = 256 << 10;
    static readonly uint[] Lengths =
        [0, 1, 4, 12, 72, 1024, 1025, 65536, 65537, 1 << 20, int.MaxValue, 0x80000000, uint.MaxValue];

    [Fact]
    public Task Packets() => RunAsync(MakePackets, async bytes =>
    {
        var wire = new AdbWire(new MemoryStream(bytes), TimeProvider.System)
        {
            Version = (bytes.Length & 1) == 0 ? 0 : AdbHeader.VersionWithoutSums,
        };
        while (await wire.ReadAsync(default) is var (header, payload))
        {
            Assert.True(header.Length <= payload.Length && header.Length <= AdbHeader.MaxPayload);
            AdbWire.Return(payload);
        }
    });

    [Fact]
    public Task Answers_of_a_shell() => RunAsync(MakeShell, async bytes =>
        Assert.InRange((await AdbShell.ReadAsync(new MemoryStream(bytes), 64, default)).Output.Length, 0, 64));

    [Fact]
    public Task Answers_of_sync() => RunAsync(MakeSync, async bytes =>
    {
        var isLong = (bytes.Length & 1) == 0;
        var reader = new SyncReader(new MemoryStream(bytes));
        switch (bytes.Length % 4)
        {
            case 0:
                await reader.StatAsync(isLong, default);
                break;
            case 1:
                while (await reader.EntryAsync(isLong, default) is { } entry)
                    Assert.InRange(entry.Name.Length, 0, 1024);
                break;
            case 2:
                var target = new byte[100];
                while (await reader.DataAsync(target, default) > 0)
                {
                }
                break;
            default:
                await reader.OkayAsync(default);
                break;
        }
    });

    static async Task RunAsync(Func<Random, byte[]> make, Func<byte[], Task> parse)
    {
        for (var seed = 0; seed < Count; seed++)
        {
            var bytes = make(new Random(seed));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var parsing = parse(bytes);
                Assert.True(parsing.IsCompleted, $"seed {seed} waits"); // what is in memory needs no other thread
                await parsing;
            }
            catch (AdbException)
            {
                // refused
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e}");
            }
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < MaxAllocated, $"seed {seed} took {allocated} bytes");
        }
    }

    static byte[] MakePackets(Random random)
    {
        using var stream = new MemoryStream();
        for (var i = random.Next(3); i >= 0; i--)
        {
            var command = Enum.GetValues<AdbCommand>()[random.Next(7)];
            var payload = new byte[random.Next(40)];
            random.NextBytes(payload);
            stream.Write(FakeAdbd.Packet(command, (uint)random.Next(3), (uint)random.Next(3), payload));
        }
        return Mutated(random, stream.ToArray(), 12);
    }

    static byte[] MakeShell(Random random)
    {
        using var stream = new MemoryStream();
        for (var i = random.Next(3); i >= 0; i--)
            Part((byte)random.Next(1, 3), random.Next(40));
        Part(3, 1);
        return Mutated(random, stream.ToArray(), 1);

        void Part(byte kind, int length)
        {
            stream.WriteByte(kind);
            stream.Write(BitConverter.GetBytes(length));
            stream.Write(new byte[length]);
        }
    }

    static byte[] MakeSync(Random random)
    {
        using var stream = new MemoryStream();
        for (var i = random.Next(3); i >= 0; i--)
        {
            var id = ((string[])["STAT", "LST2", "DENT", "DNT2", "DATA", "DONE", "OKAY", "FAIL"])[random.Next(8)];
            stream.Write(System.Text.Encoding.Latin1.GetBytes(id));
            stream.Write(new byte[id switch { "STAT" or "DENT" => 12, "LST2" or "DNT2" => 68, _ => 0 }]);
            if (id is "STAT" or "LST2")
                continue;
            var length = id is "DONE" or "OKAY" ? 0 : random.Next(40);
            stream.Write(BitConverter.GetBytes(length));
            stream.Write(new byte[length]);
        }
        return Mutated(random, stream.ToArray(), 4);
    }

    /// <param name="lengthAt">Where the first length stands.</param>
    static byte[] Mutated(Random random, byte[] bytes, int lengthAt)
    {
        switch (random.Next(6))
        {
            case 0:
                return bytes[..random.Next(bytes.Length + 1)];
            case 1:
                random.NextBytes(bytes);
                return bytes;
            case 2 when bytes.Length >= lengthAt + 4:
                BinaryPrimitives.WriteUInt32LittleEndian(
                    bytes.AsSpan(lengthAt), Lengths[random.Next(Lengths.Length)]);
                return bytes;
            case 3 when bytes.Length > 4:
                BinaryPrimitives.WriteUInt32LittleEndian(
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
