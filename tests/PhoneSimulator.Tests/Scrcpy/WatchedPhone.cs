using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;
using CloudPhone.PhoneSimulator.Lifetime;
using CloudPhone.PhoneSimulator.Shell;
using CloudPhone.Testing;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.PhoneSimulator.Tests.Scrcpy;

/// <summary>A phone in this process, with scrcpy's server and a client of it.</summary>
sealed class WatchedPhone : IAsyncDisposable
{
    const string Jar = "/data/local/tmp/server.jar";
    readonly string _path = Directory.CreateTempSubdirectory("cloudphone-scrcpy-").FullName;
    readonly PhoneLifetime _lifetime = new();
    readonly CancellationTokenSource _shell = new();
    readonly MemoryStream _said = new();
    PhoneFolder _folder = null!;
    readonly List<Pipes> _sockets = [];

    public FakeTimeProvider Clock { get; } = new(new(2026, 11, 28, 12, 0, 1, TimeSpan.Zero));
    public Phone Phone { get; private set; } = null!;
    public TinyDecoder Decoder { get; } = new();
    public Task<int> Server { get; private set; } = null!;
    public string Said => Encoding.UTF8.GetString(_said.ToArray());
    public Pipes First => _sockets[0];
    public Pipes Control => _sockets[^1];

    public static async Task<WatchedPhone> StartAsync(string options, int sockets = 2, string version = "4.1")
    {
        var watched = new WatchedPhone();
        watched._folder = await PhoneFolder.OpenAsync(watched._path, new(Guid.NewGuid(), "the phone's token"));
        var started = new PhoneOptions(watched._path, TimeSpan.Zero, null, 1 << 30, (360, 640));
        watched.Phone = Phone.Boot(watched._folder, started, watched.Clock, watched._lifetime);
        await using (var jar = watched.Phone.Disk.Create(Jar))
            await jar.KeepAsync();
        var shell = new ShellContext(
            watched.Phone, new(), Stream.Null, watched._said, watched._said, watched._shell.Token);
        watched.Server = ShellRunner.RunAsync(shell, $"CLASSPATH={Jar} app_process / com.genymobile.scrcpy.Server "
            + $"{version} tunnel_forward=true audio=false scid=12345678 {options}");
        for (var i = 0; i < sockets; i++)
            await watched.ConnectAsync();
        return watched;
    }

    public async Task ConnectAsync()
    {
        await Wait.UntilAsync("the socket",
            () => Phone.Sockets.Find("scrcpy_12345678") is not null || Server.IsCompleted);
        var pipes = new Pipes();
        _sockets.Add(pipes);
        _ = Phone.Sockets.Find("scrcpy_12345678")!(pipes.Theirs, pipes.Closed);
    }

    public async Task<byte[]> ReadAsync(int count, Pipes? from = null)
    {
        var bytes = new byte[count];
        var reading = (from ?? First).Own.ReadExactlyAsync(bytes).AsTask();
        await Wait.UntilAsync($"{count} bytes", () =>
        {
            Clock.Advance(TimeSpan.FromMilliseconds(5));
            return reading.IsCompleted;
        });
        await reading;
        return bytes;
    }

    /// <summary>Dummy byte, name, codec.</summary>
    public async Task<string> HeadAsync()
    {
        Assert.Equal([0], await ReadAsync(1));
        var name = Encoding.UTF8.GetString(await ReadAsync(64)).TrimEnd('\0');
        Assert.Equal("h264"u8.ToArray(), await ReadAsync(4));
        return name;
    }

    /// <summary>The next packet; frames and parameter sets are decoded.</summary>
    public async Task<Packet> PacketAsync()
    {
        var head = await ReadAsync(12);
        var flags = BinaryPrimitives.ReadUInt64BigEndian(head);
        if (flags >> 63 == 1)
        {
            Assert.Equal(0x80000000u, (uint)(flags >> 32));
            return new("session", (int)(uint)flags, BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(8)), []);
        }
        var data = await ReadAsync(BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(8)));
        var types = Decoder.Decode(data);
        var time = (long)(flags & ((1UL << 61) - 1));
        if ((flags >> 62 & 1) == 1)
        {
            Assert.Equal((0, flags), ((int)time, 1UL << 62));
            Assert.Equal([7, 8], types);
            return new("config", Decoder.Width, Decoder.Height, data);
        }
        var isKey = (flags >> 61 & 1) == 1;
        Assert.Equal([isKey ? 5 : 1], types);
        Assert.True(time > LastTime);
        LastTime = time;
        return new(isKey ? "key" : "frame", 0, 0, data);
    }

    public long LastTime { get; private set; } = -1;

    /// <summary>Frames until what is decoded is what is on the screen.</summary>
    public async Task SameAsync()
    {
        while (!IsSame())
            Assert.True((await PacketAsync()).Kind is "frame" or "key");
    }

    public bool IsSame()
    {
        var screen = Phone.Screen.Draw();
        return (screen.Width, screen.Height) == (Decoder.Width, Decoder.Height)
            && Enumerable.Range(0, 3).All(p => PalettePlanes.Of(screen, p).AsSpan().SequenceEqual(Decoder.Plane(p)));
    }

    public async Task SendAsync(string hex) =>
        await Control.Own.WriteAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

    public void CloseShell() => _shell.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _shell.CancelAsync();
        await ((Task)Server).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _sockets.ForEach(s => s.Dispose());
        _folder.Dispose();
        _lifetime.Dispose();
        Directory.Delete(_path, recursive: true);
    }

    public sealed record Packet(string Kind, int Width, int Height, byte[] Data);

    /// <summary>Both ends of a socket.</summary>
    public sealed class Pipes : IDisposable
    {
        readonly CancellationTokenSource _closed = new();
        readonly Pipe _up = new(), _down = new();

        public Pipes() =>
            (Own, Theirs) = (new Duplex(_down.Reader, _up.Writer), new Duplex(_up.Reader, _down.Writer));

        public Stream Own { get; }
        public Stream Theirs { get; }
        public CancellationToken Closed => _closed.Token;

        public void Close()
        {
            _up.Writer.Complete();
            _closed.Cancel();
        }

        public void Dispose() => _closed.Dispose();
    }

    sealed class Duplex(PipeReader reader, PipeWriter writer) : AsyncStream
    {
        readonly Stream _in = reader.AsStream(), _out = writer.AsStream();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _in.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            _out.WriteAsync(buffer, cancellationToken);
    }
}
