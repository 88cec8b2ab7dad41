using CloudPhone.Media.Screens;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.H264;

namespace CloudPhone.Media.Recordings;

/// <summary>
/// Pictures on their way to a file. It is a viewer like others, and holds nobody up: where the disk is slower than the
/// phone, what does not fit is left out, up to the next key frame.
/// </summary>
/// <param name="size">Of the video at this moment.</param>
sealed class RecordingQueue(Func<VideoSize?> size, int maxBytes = 16 << 20) : IScreenPeer
{
    const int MaxFrames = 600;

    readonly Queue<Frame> _waiting = new();
    bool _needsKey = true, _isOver, _isWoken;
    VideoSize? _firstSize;
    int _bytes;
    TimeSpan _lastTime, _lastAt;

    /// <summary>Of the first picture that was taken in.</summary>
    public VideoSize FirstSize
    {
        get
        {
            lock (_waiting)
                return _firstSize ?? default;
        }
    }

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
        lock (_waiting)
        {
            if (_isOver || (_needsKey && !frame.IsKey))
                return PeerSignals.None;
            if (_waiting.Count >= MaxFrames || (_waiting.Count > 0 && _bytes + frame.Bytes > maxBytes))
            {
                Dropped++;
                _needsKey = true;
                return PeerSignals.KeyFrame;
            }
            _firstSize ??= size();
            (_needsKey, _lastTime, _lastAt) = (false, frame.Time, now);
            frame.Hold();
            _waiting.Enqueue(frame);
            _bytes += frame.Bytes;
            Wake();
        }
        return PeerSignals.None;
    }

    /// <summary>Until something waits, or somebody says so. Of one thread.</summary>
    public void Wait()
    {
        lock (_waiting)
        {
            while (!_isWoken)
                Monitor.Wait(_waiting);
            _isWoken = false;
        }
    }

    public void Wake()
    {
        lock (_waiting)
        {
            _isWoken = true;
            Monitor.Pulse(_waiting);
        }
    }

    /// <summary>The next one; the caller holds it.</summary>
    public Frame? Take()
    {
        lock (_waiting)
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
        lock (_waiting)
            return _lastTime + (now - _lastAt);
    }

    public void End()
    {
        lock (_waiting)
        {
            _isOver = true;
            while (_waiting.TryDequeue(out var frame))
                frame.Release();
        }
    }
}
