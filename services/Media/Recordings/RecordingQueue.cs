using System.Threading.Channels;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.H264;

namespace CloudPhone.Media.Recordings;

/// <summary>
/// Pictures on their way to a file. It is a viewer like others, and holds nobody up: where the disk is slower than the
/// phone, what does not fit is left out, up to the next key frame.
/// </summary>
sealed class RecordingQueue(int maxBytes = 16 << 20) : IScreenPeer
{
    const int MaxFrames = 600;

    readonly Lock _lock = new();
    readonly Queue<Frame> _waiting = new();
    readonly Channel<bool> _some = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    bool _needsKey = true, _isOver;
    int _bytes;
    TimeSpan _lastTime, _lastAt;

    /// <summary>Pictures that were left out.</summary>
    public long Dropped { get; private set; }

    /// <summary>Guests don't record.</summary>
    public bool IsGuest => false;

    /// <summary>A disk has no way that an encoder could be slowed down for.</summary>
    public long? Room(TimeSpan now) => null;

    /// <summary>What is cached began before the recording did: it begins with a key frame of its own.</summary>
    public PeerSignals Start(IReadOnlyList<Frame> picture, TimeSpan now, DatagramBatch output) => PeerSignals.KeyFrame;

    public PeerSignals Send(Frame frame, TimeSpan now, DatagramBatch output)
    {
        lock (_lock)
        {
            if (_isOver || (_needsKey && !frame.IsKey))
                return PeerSignals.None;
            if (_waiting.Count >= MaxFrames || (_waiting.Count > 0 && _bytes + frame.Bytes > maxBytes))
            {
                Dropped++;
                _needsKey = true;
                return PeerSignals.KeyFrame;
            }
            (_needsKey, _lastTime, _lastAt) = (false, frame.Time, now);
            frame.Hold();
            _waiting.Enqueue(frame);
            _bytes += frame.Bytes;
        }
        Wake();
        return PeerSignals.None;
    }

    /// <summary>Until something waits, or somebody says so.</summary>
    public async Task WaitAsync() => await _some.Reader.ReadAsync();

    public void Wake() => _some.Writer.TryWrite(true);

    /// <summary>The next one; the caller holds it.</summary>
    public Frame? Take()
    {
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out var frame))
                return null;
            _bytes -= frame.Bytes;
            return frame;
        }
    }

    /// <summary>What time it is in the video: phones are silent while nothing moves.</summary>
    public TimeSpan TimeAt(TimeSpan now)
    {
        lock (_lock)
            return _lastTime + (now - _lastAt);
    }

    public void End()
    {
        lock (_lock)
        {
            _isOver = true;
            while (_waiting.TryDequeue(out var frame))
                frame.Release();
        }
    }
}
