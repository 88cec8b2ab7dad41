using CloudPhone.Media.WebRtc.H264;

namespace CloudPhone.Media.WebRtc.Rtp;

/// <summary>What was sent to one viewer lately: frames that all viewers share, and which packets they became.</summary>
sealed class SentFrames
{
    /// <summary>Two seconds of 4 Mbit/s: a loss is told within a round trip.</summary>
    public const int MaxPackets = 1024;
    const int MaxFrames = 256;

    readonly Entry[] _ring = new Entry[MaxFrames];
    int _first, _count, _packets;

    /// <param name="First">The index of its first packet.</param>
    public readonly record struct Entry(Frame Frame, long First, uint Timestamp);

    public void Add(Frame frame, long first, uint timestamp)
    {
        while (_count > 0 && (_count == MaxFrames || _packets + frame.Count > MaxPackets))
            RemoveOldest();
        frame.Hold();
        _ring[(_first + _count++) % MaxFrames] = new(frame, first, timestamp);
        _packets += frame.Count;
    }

    public bool TryFind(long index, out Entry entry)
    {
        for (var i = _count - 1; i >= 0; i--)
        {
            entry = _ring[(_first + i) % MaxFrames];
            if (index >= entry.First)
                return index < entry.First + entry.Frame.Count;
        }
        entry = default;
        return false;
    }

    public void Clear()
    {
        while (_count > 0)
            RemoveOldest();
    }

    void RemoveOldest()
    {
        ref var oldest = ref _ring[_first];
        _packets -= oldest.Frame.Count;
        oldest.Frame.Release();
        oldest = default;
        _first = (_first + 1) % MaxFrames;
        _count--;
    }
}
