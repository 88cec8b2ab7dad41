using System.Globalization;
using System.Text;
using CloudPhone.PhoneSimulator.Adb;
using CloudPhone.PhoneSimulator.Adb.Sync;
using CloudPhone.PhoneSimulator.Disk;
using CloudPhone.PhoneSimulator.Shell;

namespace CloudPhone.PhoneSimulator.Tests.Adb;

/// <summary>
/// Random input, mostly well-formed with something wrong in it, to the parsers. CLOUDPHONE_FUZZ says how many of them;
/// the seed is in the failure.
/// </summary>
public sealed class FuzzTests : IDisposable
{
    static readonly int Count =
        int.TryParse(Environment.GetEnvironmentVariable("CLOUDPHONE_FUZZ"), CultureInfo.InvariantCulture, out var n)
            ? n : 20_000;

    readonly string _folder = Directory.CreateTempSubdirectory("cloudphone-fuzz-").FullName;

    [Fact]
    public async Task Packets_of_all_kinds()
    {
        var faults = new Faults(TimeProvider.System);
        for (var seed = 0; seed < Count; seed++)
        {
            var random = new Random(seed);
            using var wire = new AdbWire(new MemoryStream(Packets(random)), faults);
            wire.Version = random.Next(2) == 0 ? AdbHeader.VersionWithoutSums : 0;
            try
            {
                while (await wire.ReadAsync(default) is var (header, payload))
                {
                    Assert.True(Enum.IsDefined(header.Command) && header.Length <= payload.Length, $"seed {seed}");
                    AdbWire.Return(payload);
                }
            }
            catch (Exception e) when (e is AdbException or EndOfStreamException)
            {
                // dropped
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e}");
            }
        }
    }

    [Fact]
    public async Task Sync_requests_of_all_kinds()
    {
        var outside = Path.Combine(_folder, "outside");
        await File.WriteAllTextAsync(outside, "x");
        var phone = Path.Combine(_folder, "phone");
        var disk = new PhoneDisk(phone, 1 << 20);
        for (var seed = 0; seed < Count; seed++)
        {
            using var stream = new Duplex(Sync(new Random(seed)));
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
            Assert.DoesNotContain("outside", stream.Said, StringComparison.Ordinal);
        }
        Assert.Equal(["outside", "phone"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName).Order());
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(phone, "unfinished")));
        Assert.NotNull(disk.Find("/sdcard/a"));
        Assert.InRange(disk.Space.Used, 1, 1 << 20);
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

    static byte[] Sync(Random random)
    {
        string[] ids = ["STAT", "STA2", "LST2", "LIST", "LIS2", "SEND", "RECV", "QUIT", "DATA", "DONE", "\0\xff?X"];
        string[] paths = ["/sdcard/a", "/../outside", "/sdcard/../../outside", "/sdcard/b/c", "/", "",
            "/sdcard/a,33188", "/sdcard/b/c,33188", "/../../outside,33188", "/sdcard/l,41471", "/sdcard/d,16877",
            ",", "/sdcard/b,0"];
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
