using System.Globalization;
using System.Text;
using CloudPhone.PhoneSimulator.Adb;
using CloudPhone.PhoneSimulator.Adb.Sync;
using CloudPhone.PhoneSimulator.Disk;
using CloudPhone.PhoneSimulator.Shell;

namespace CloudPhone.PhoneSimulator.Tests.Adb;

/// <summary>
/// A million inputs to each parser, or as many as CLOUDPHONE_FUZZ says, mostly well-formed with something wrong in
/// them: nothing but the protocol's own exceptions, no wait, and no memory for lengths that were only claimed. The seed
/// is in the failure.
/// </summary>
public sealed class FuzzTests : IDisposable
{
    static readonly int Count =
        int.TryParse(Environment.GetEnvironmentVariable("CLOUDPHONE_FUZZ"), CultureInfo.InvariantCulture, out var n)
            ? n : 1_000_000;

    const string Memory = "/dev/shm";
    /// <summary>A file beside the phone's folder that no input names, and what is in it.</summary>
    const string Hidden = "hidden", OfTheHost = "this is the host's";

    /// <summary>For the parser's own buffers and exceptions; a file that comes in has 64 KiB.</summary>
    const long MaxAllocated = 512 << 10;

    static readonly string[] Written =
        ["/sdcard/a", "/../outside", "/sdcard/../../outside", "/sdcard/b/c", "/", "", "/sdcard/a,33188",
            "/sdcard/b/c,33188", "/../../outside,33188", "/sdcard/l,41471", "/sdcard/d,16877", ",", "/sdcard/b,0"];

    /// <summary>Those of them for which nothing is made, and others.</summary>
    static readonly string[] Looked =
        ["/sdcard/l,41471", "/sdcard/../../outside,33188", ",", "", "/", "/sdcard", "/proc/x,33188", "\0,33188", "x,y"];

    readonly string _folder = Directory.CreateTempSubdirectory("cloudphone-fuzz-").FullName;

    [Fact]
    public void Packets_of_all_kinds()
    {
        var faults = new Faults(TimeProvider.System);
        Run(Packets, async (random, bytes) =>
        {
            using var wire = new AdbWire(new MemoryStream(bytes), faults);
            wire.Version = random.Next(2) == 0 ? AdbHeader.VersionWithoutSums : 0;
            while (await wire.ReadAsync(default) is var (header, payload))
            {
                Assert.True(Enum.IsDefined(header.Command) && header.Length <= payload.Length);
                AdbWire.Return(payload);
            }
        });
    }

    /// <summary>Requests that say what they want and then send it, to a disk that takes nothing: all is in memory.
    /// </summary>
    [Fact]
    public void Sync_requests_that_are_refused_or_only_look()
    {
        var disk = new PhoneDisk(Path.Combine(_folder, "phone"), 1 << 20);
        var before = disk.Space.Used;
        Run(random => Sync(random, Looked), (_, bytes) =>
        {
            using var stream = new Duplex(bytes);
            return new SyncService(disk, stream).RunAsync(default);
        });
        Assert.Equal(before, disk.Space.Used);
    }

    static void Run(Func<Random, byte[]> make, Func<Random, byte[], Task> parse) => Parallel.For(0, Count, seed =>
    {
        var random = new Random(seed);
        var bytes = make(random);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var parsing = parse(random, bytes);
            Assert.True(parsing.IsCompleted, "it waits"); // what is in memory needs no other thread
            parsing.GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is AdbException or InvalidDataException or EndOfStreamException)
        {
            // the peer is dropped, or the stream closed
        }
        catch (Exception e)
        {
            Assert.Fail($"seed {seed}: {e}");
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < MaxAllocated, $"seed {seed} took {allocated} bytes");
    });

    /// <summary>Each with files that are written, renamed and removed: on disks of their own, in memory where there is
    /// such a file system.</summary>
    [Fact]
    public async Task Sync_requests_of_all_kinds()
    {
        var parts = Environment.ProcessorCount;
        await Task.WhenAll(Enumerable.Range(0, parts).Select(part => Task.Run(() => FilesAsync(part, parts))));
    }

    static async Task FilesAsync(int part, int parts)
    {
        var folder = Directory.CreateDirectory(Path.Combine(
            Directory.Exists(Memory) ? Memory : Path.GetTempPath(), $"cloudphone-fuzz-{Guid.NewGuid():N}")).FullName;
        try
        {
            var (outside, phone) = (Path.Combine(folder, "outside"), Path.Combine(folder, "phone"));
            await File.WriteAllTextAsync(outside, OfTheHost);
            await File.WriteAllTextAsync(Path.Combine(folder, Hidden), OfTheHost);
            var disk = new PhoneDisk(phone, 1 << 20);
            for (var seed = part; seed < Count; seed += parts)
                await SendAsync(disk, seed);
            Assert.Equal(
                [Hidden, "outside", "phone"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).Order());
            Assert.Equal(OfTheHost, await File.ReadAllTextAsync(outside));
            Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(phone, "unfinished")));
            Assert.NotNull(disk.Find("/sdcard/a"));
            Assert.InRange(disk.Space.Used, 1, 1 << 20);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task SendAsync(PhoneDisk disk, int seed)
    {
        using var stream = new Duplex(Sync(new Random(seed), Written));
        try
        {
            await new SyncService(disk, stream).RunAsync(default);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            // the stream is closed
        }
        catch (Exception e)
        {
            Assert.Fail($"seed {seed}: {e}");
        }
        Assert.DoesNotContain(OfTheHost, stream.Said, StringComparison.Ordinal);
        Assert.DoesNotContain(Hidden, stream.Said, StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_and_lines()
    {
        string[] parts = ["..", ".", "/", "//", "sdcard", "data", "\0", "\\", "local", "tmp", "é", "\uD800", "a b",
            "'", "\"", "$", "$?", "${", "}", "|", "||", "&&", ";", ">", "2>&1", "<", "echo", "\n", "#", "`", "("];
        for (var seed = 0; seed < Count; seed++)
        {
            var random = new Random(seed);
            var text = string.Concat(random.GetItems(parts, random.Next(1, 12)));
            try
            {
                var path = DevicePath.Resolve(text, "/sdcard");
                Assert.StartsWith("/", path, StringComparison.Ordinal);
                Assert.DoesNotContain("..", DevicePath.Split(path));
            }
            catch (DiskException)
            {
                // no path
            }
            try
            {
                foreach (var command in ShellScript.Parse(text).SelectMany(p => p.Commands))
                    command.Words.ForEach(w => ShellExpansion.Expand(w, new()));
            }
            catch (ShellSyntaxException)
            {
                // no line
            }
        }
    }

    static byte[] Packets(Random random)
    {
        using var bytes = new MemoryStream();
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var payload = new byte[random.Next(64)];
            random.NextBytes(payload);
            var packet = AdbPeer.Packet(random.GetItems(Enum.GetValues<AdbCommand>(), 1)[0],
                (uint)random.Next(4), (uint)random.Next(4), payload);
            if (random.Next(3) == 0)
                packet[random.Next(packet.Length)] ^= (byte)random.Next(256);
            bytes.Write(packet, 0, random.Next(8) == 0 ? random.Next(packet.Length) : packet.Length);
        }
        return bytes.ToArray();
    }

    static byte[] Sync(Random random, string[] paths)
    {
        string[] ids = ["STAT", "STA2", "LST2", "LIST", "LIS2", "SEND", "RECV", "QUIT", "DATA", "DONE", "\0\xff?X"];
        using var bytes = new MemoryStream();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var id = random.GetItems(ids, 1)[0];
            var text = Encoding.UTF8.GetBytes(random.GetItems(paths, 1)[0]);
            bytes.Write(SyncWire.Words(id, random.Next(20) == 0 ? (uint)random.Next() : (uint)text.Length));
            bytes.Write(text);
            if (id != "SEND" || random.Next(8) == 0)
                continue;
            var data = new byte[random.Next(200)];
            bytes.Write([.. SyncWire.Words("DATA", (uint)data.Length), .. data]);
            bytes.Write(SyncWire.Words("DONE", (uint)random.Next()));
        }
        return bytes.ToArray();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    sealed class Duplex(byte[] input) : AsyncStream
    {
        readonly MemoryStream _in = new(input);
        readonly MemoryStream _out = new();

        public string Said => Encoding.Latin1.GetString(_out.GetBuffer(), 0, (int)_out.Length);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _in.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            _out.WriteAsync(buffer, cancellationToken);
    }
}
