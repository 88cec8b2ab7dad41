using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Threading.Channels;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.H264;

namespace CloudPhone.Media.Screens;

/// <summary>
/// A viewer who is sent pictures over its socket: for networks without UDP. Each message is one access unit in Annex B
/// behind a head of <see cref="HeadLength"/> bytes. A slow one gets nothing until the next key frame.
/// </summary>
/// <param name="send">Sends one message, whole.</param>
/// <param name="count">Is told how many bytes went out.</param>
sealed class SocketViewer(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> send, Action<long> count)
    : IScreenPeer
{
    /// <summary>What the message is, whether it is a key frame, and its time in microseconds, big-endian.</summary>
    public const int HeadLength = 10;
    public const byte Picture = 1, Snapshot = 2;
    /// <summary>More than a second of a stream as phones send it.</summary>
    const int MaxFrames = 40, MaxBytes = 1 << 20;

    readonly Lock _lock = new();
    readonly Queue<Frame> _waiting = new(MaxFrames);
    readonly Channel<bool> _some = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    readonly ArrayBufferWriter<byte> _message = new(64 << 10);
    readonly SocketPace _pace = new();
    bool _needsKey = true, _isOver;
    int _bytes;

    /// <inheritdoc/>
    public bool IsGuest { get; init; }

    public long? Room(TimeSpan now)
    {
        lock (_lock)
            return _isOver ? null : _pace.Room(now);
    }

    public PeerSignals Start(IReadOnlyList<Frame> picture, TimeSpan now, DatagramBatch output)
    {
        lock (_lock)
        {
            foreach (var frame in picture)
                Add(frame, now);
            _some.Writer.TryWrite(true);
            return _needsKey ? PeerSignals.KeyFrame : PeerSignals.None;
        }
    }

    public PeerSignals Send(Frame frame, TimeSpan now, DatagramBatch output)
    {
        lock (_lock)
        {
            if (_isOver || (_needsKey && !frame.IsKey))
                return PeerSignals.None;
            if (_waiting.Count > 0
                && (frame.IsKey || _waiting.Count >= MaxFrames || _bytes + frame.Bytes > MaxBytes))
            {
                _pace.OnDropped(now);
                Drop(); // what waits only leads to what comes, or too late
            }
            if (_needsKey && !frame.IsKey)
                return PeerSignals.KeyFrame;
            Add(frame, now);
            _some.Writer.TryWrite(true);
            return PeerSignals.None;
        }
    }

    /// <summary>Until the token fires, or the socket is gone.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            await foreach (var _ in _some.Reader.ReadAllAsync(ct))
                while (TryTake() is { } frame)
                    await SendAsync(frame, ct);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
        }
        finally
        {
            lock (_lock)
            {
                _isOver = true;
                Drop();
            }
        }
    }

    async Task SendAsync(Frame frame, CancellationToken ct)
    {
        _message.ResetWrittenCount();
        WriteHead(_message.GetSpan(HeadLength), Picture, frame.IsKey, frame.Time);
        _message.Advance(HeadLength);
        Reassembly.Write(frame, _message);
        frame.Release();
        await send(_message.WrittenMemory, ct);
        count(_message.WrittenCount);
        lock (_lock)
            _pace.OnSent(_message.WrittenCount);
    }

    public static void WriteHead(Span<byte> head, byte kind, bool isKey, TimeSpan time)
    {
        (head[0], head[1]) = (kind, (byte)(isKey ? 1 : 0));
        BinaryPrimitives.WriteInt64BigEndian(head[2..], (long)time.TotalMicroseconds);
    }

    Frame? TryTake()
    {
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out var frame))
            {
                _pace.OnIdle();
                return null;
            }
            _bytes -= frame.Bytes;
            return frame;
        }
    }

    void Add(Frame frame, TimeSpan now)
    {
        _pace.OnWaiting(now);
        _needsKey &= !frame.IsKey;
        frame.Hold();
        _waiting.Enqueue(frame);
        _bytes += frame.Bytes;
    }

    void Drop()
    {
        while (_waiting.TryDequeue(out var frame))
            frame.Release();
        (_bytes, _needsKey) = (0, true);
    }
}
