using System.Buffers.Binary;
using System.Text;
using CloudPhone.Adb;
using CloudPhone.Adb.Tests;

namespace CloudPhone.Scrcpy.Tests;

/// <summary>A phone whose adbd and scrcpy server do as the test says.</summary>
sealed class FakeServer : IDisposable
{
    readonly FakeAdbd _adbd;
    readonly Dictionary<uint, Queue<byte[]>> _streams = [];
    readonly List<uint> _sockets = [];
    readonly List<string> _opened = [], _written = [];
    int _acknowledged;

    public FakeServer() => _adbd = new(ServeAsync);

    /// <summary>What the server says, and its exit code.</summary>
    public string Words { get; init; } = "";
    public byte? ExitCode { get; init; }

    /// <summary>So often adbd says that nobody listens; less than 0: always.</summary>
    public int Refusals { get; set; }

    /// <summary>So often adbd takes the stream and the server is not there.</summary>
    public int EarlyEnds { get; set; }

    /// <summary>The packets of the first socket; null: it ends.</summary>
    public IReadOnlyList<byte[]?> Video { get; init; } = [Head()];

    /// <summary>How many packets of the video the client has taken up.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>The services that were asked for.</summary>
    public IReadOnlyList<string> Opened => Copy(_opened);

    /// <summary>What came, over any stream.</summary>
    public IReadOnlyList<string> Written => Copy(_written);

    public Task<AdbConnection> ConnectAsync() => _adbd.ConnectAsync();

    public static byte[] Head(uint codec = 0x68323634, byte dummy = 0)
    {
        var head = new byte[69];
        head[0] = dummy;
        "Fake"u8.CopyTo(head.AsSpan(1));
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(65), codec);
        return head;
    }

    async Task ServeAsync(FakeAdbd.Peer peer)
    {
        await peer.WelcomeAsync("shell_v2");
        while (true)
        {
            var (command, id, _, payload) = await peer.ReadAsync();
            switch (command)
            {
                case AdbCommand.Open:
                    await OpenAsync(peer, id, payload);
                    break;
                case AdbCommand.Write:
                    await peer.SendAsync(AdbCommand.Okay, id, id);
                    lock (_written)
                        _written.Add(payload);
                    if (payload.StartsWith("STAT", StringComparison.Ordinal))
                        await SendAsync(
                            peer, id, "STAT\u00a4\u0081\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000");
                    else if (payload.Contains("DONE", StringComparison.Ordinal))
                        await SendAsync(peer, id, "OKAY\u0000\u0000\u0000\u0000");
                    break;
                case AdbCommand.Okay:
                    if (_sockets is [var first, ..] && first == id)
                        Interlocked.Increment(ref _acknowledged);
                    await NextAsync(peer, id);
                    break;
                case AdbCommand.Close:
                    _streams.Remove(id);
                    break;
                default:
                    Assert.Fail($"{command}");
                    break;
            }
        }
    }

    async Task OpenAsync(FakeAdbd.Peer peer, uint id, string service)
    {
        lock (_opened)
            _opened.Add(service.TrimEnd('\0'));
        var isSocket = service.StartsWith("localabstract:scrcpy_", StringComparison.Ordinal);
        if (isSocket && Refusals != 0 || service.StartsWith("localabstract:cloudphone", StringComparison.Ordinal))
        {
            Refusals -= isSocket ? 1 : 0;
            await peer.SendAsync(AdbCommand.Close, 0, id);
            return;
        }
        await peer.SendAsync(AdbCommand.Okay, id, id);
        _streams[id] = new();
        if (isSocket && EarlyEnds-- > 0)
        {
            await peer.SendAsync(AdbCommand.Close, id, id);
            return;
        }
        if (service.StartsWith("shell", StringComparison.Ordinal))
            await SayAsync(peer, id);
        if (!isSocket)
            return;
        _sockets.Add(id);
        if (_sockets.Count > 1)
            return;
        foreach (var packet in Video)
            _streams[id].Enqueue(packet ?? []);
        await NextAsync(peer, id);
    }

    async Task SayAsync(FakeAdbd.Peer peer, uint id)
    {
        var words = Encoding.Latin1.GetBytes(Words);
        byte[] said = [2, .. BitConverter.GetBytes(words.Length), .. words];
        if (ExitCode is { } code)
            said = [.. said, 3, 1, 0, 0, 0, code];
        await peer.SendAsync(AdbCommand.Write, id, id, Encoding.Latin1.GetString(said));
    }

    static Task SendAsync(FakeAdbd.Peer peer, uint id, string text) => peer.SendAsync(AdbCommand.Write, id, id, text);

    /// <summary>One packet is under way until it is acknowledged.</summary>
    async Task NextAsync(FakeAdbd.Peer peer, uint id)
    {
        if (!_streams.TryGetValue(id, out var waiting) || !waiting.TryDequeue(out var packet))
            return;
        if (packet.Length > 0)
            await peer.RawAsync(FakeAdbd.Packet(AdbCommand.Write, id, id, packet));
        else
            await peer.SendAsync(AdbCommand.Close, id, id);
    }

    static List<string> Copy(List<string> list)
    {
        lock (list)
            return [.. list];
    }

    public void Dispose() => _adbd.Dispose();
}
