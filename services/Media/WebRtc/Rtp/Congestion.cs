namespace CloudPhone.Media.WebRtc.Rtp;

/// <summary>
/// What a viewer's reports say about its way. A browser's estimate follows what is sent, so on a still screen it is low
/// without anything being wrong; only one that falls while packets go out, or heavy loss, means that the way is full.
/// </summary>
sealed class Congestion
{
    const double Falls = 0.97, HeavyLoss = 0.25, Headroom = 1.1;
    const long Least = 150_000;
    /// <summary>Of fewer packets the share that was lost says nothing: on a still screen it is one of two.</summary>
    const double Significant = 30;
    static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    TimeSpan _fullAt;
    bool _isFull;
    double _packets, _lost;

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

    /// <param name="packets">How many were sent since the last report: older ones count half each time.</param>
    public void OnLoss(double share, long packets, TimeSpan now)
    {
        Loss = share;
        (_packets, _lost) = ((_packets / 2) + packets, (_lost / 2) + (share * packets));
        if (_packets >= Significant && _lost > HeavyLoss * _packets)
            (_isFull, _fullAt) = (true, now);
    }

    /// <summary>What the way takes, in bits per second, where it is full; null: as much as comes.</summary>
    public long? Room(TimeSpan now)
    {
        if (_isFull && now - _fullAt > Recovery)
            _isFull = false;
        return _isFull ? Estimate : null;
    }

    /// <summary>How fast this viewer may be sent to; null: as fast as frames come.</summary>
    public long? Limit(TimeSpan now) => Room(now) is { } room ? Math.Max(Least, (long)(room * Headroom)) : null;
}
