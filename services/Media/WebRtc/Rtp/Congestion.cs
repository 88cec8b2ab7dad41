namespace CloudPhone.Media.WebRtc.Rtp;

/// <summary>
/// What a viewer's reports say about its way. A browser's estimate follows what is sent, so on a still screen it is low
/// without anything being wrong; only one that falls while packets go out, or heavy loss, means that the way is full.
/// </summary>
sealed class Congestion
{
    const double Falls = 0.97, HeavyLoss = 0.25, Headroom = 1.1;
    const long Least = 150_000;
    static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    TimeSpan _fullAt;
    bool _isFull;

    /// <summary>What the viewer thinks it can take, in bits per second; null: it has not said.</summary>
    public long? Estimate { get; private set; }

    /// <summary>Of the packets since the last report, 0 to 1.</summary>
    public double Loss { get; private set; }

    public void OnEstimate(long bitsPerSecond, TimeSpan now)
    {
        if (bitsPerSecond < Estimate * Falls)
            (_isFull, _fullAt) = (true, now);
        Estimate = bitsPerSecond;
    }

    public void OnLoss(double share, TimeSpan now)
    {
        Loss = share;
        if (share > HeavyLoss)
            (_isFull, _fullAt) = (true, now);
    }

    /// <summary>How fast this viewer may be sent to; null: as fast as frames come.</summary>
    public long? Limit(TimeSpan now)
    {
        if (_isFull && now - _fullAt > Recovery)
            _isFull = false;
        return _isFull && Estimate is { } estimate ? Math.Max(Least, (long)(estimate * Headroom)) : null;
    }
}
