using CloudPhone.Media.WebRtc.H264;

namespace CloudPhone.Media.WebRtc.Rtp;

/// <summary>
/// Frames that wait for one slow viewer. Where more than a second of its rate would wait, all of them are given up, and
/// what follows, up to the next key frame: that viewer sees a gap, and nobody else notices.
/// </summary>
sealed class FrameQueue
{
    const int MaxFrames = 60;
    /// <summary>How far ahead of the rate one may be: a picture goes out in one piece.</summary>
    static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    readonly Queue<Frame> _waiting = new(MaxFrames);
    double _credit;
    long _bytes;
    TimeSpan _creditAt;

    /// <summary>Nothing goes out before a key frame does: the viewer's decoder has nothing to build on.</summary>
    public bool NeedsKey { get; private set; } = true;

    public long Dropped { get; private set; }

    /// <param name="bitRate">Null: as fast as frames come.</param>
    /// <returns>False: it, and perhaps others, will not be sent.</returns>
    public bool Add(Frame frame, long? bitRate)
    {
        if (frame.IsKey)
        {
            Drop(); // they only lead to what it replaces
            NeedsKey = false;
        }
        else if (NeedsKey)
        {
            Dropped++;
            return false;
        }
        var most = bitRate * MaxWait.TotalSeconds / 8 ?? double.PositiveInfinity;
        if (_waiting.Count > 0 && (_waiting.Count == MaxFrames || _bytes + frame.Bytes > most))
        {
            Drop();
            Dropped++;
            NeedsKey = true;
            return false;
        }
        frame.Hold();
        _waiting.Enqueue(frame);
        _bytes += frame.Bytes;
        return true;
    }

    /// <summary>The next frame whose turn it is; the caller holds it.</summary>
    public bool TryTake(TimeSpan now, long? bitRate, out Frame frame)
    {
        if (!_waiting.TryPeek(out frame!) || !HasCredit(now, bitRate))
            return false;
        _waiting.Dequeue();
        _bytes -= frame.Bytes;
        _credit -= frame.Bytes;
        return true;
    }

    public void Clear()
    {
        Drop();
        NeedsKey = true;
    }

    bool HasCredit(TimeSpan now, long? bitRate)
    {
        if (bitRate is not { } rate)
        {
            (_credit, _creditAt) = (0, now);
            return true;
        }
        var perSecond = rate / 8.0;
        _credit = Math.Min(
            _credit + (now - _creditAt).TotalSeconds * perSecond, Burst.TotalSeconds * perSecond);
        _creditAt = now;
        return _credit > 0;
    }

    void Drop()
    {
        Dropped += _waiting.Count;
        while (_waiting.TryDequeue(out var frame))
            frame.Release();
        _bytes = 0;
    }
}
