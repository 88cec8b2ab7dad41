namespace CloudPhone.Media.Tests.WebRtc.Simulated;

/// <summary>One direction of a network that is as bad as is wanted, always in the same way.</summary>
/// <param name="loss">The share of datagrams that never come.</param>
/// <param name="disorder">The share that is overtaken, and the share that comes twice.</param>
sealed class LossyPath(Random random, double loss, double disorder)
{
    const double Millis = 20, Jitter = 3, Detour = 30;
    readonly PriorityQueue<byte[], (TimeSpan, long)> _underWay = new();
    long _count;

    public void Send(ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        if (random.NextDouble() < loss)
            return;
        Enqueue(datagram, now, random.NextDouble() < disorder ? Detour : Jitter);
        if (random.NextDouble() < disorder)
            Enqueue(datagram, now, Detour);
    }

    /// <summary>The next that has come by now.</summary>
    public bool TryReceive(TimeSpan now, out byte[] datagram)
    {
        if (_underWay.TryPeek(out datagram!, out var at) && at.Item1 <= now)
            return _underWay.TryDequeue(out datagram!, out _);
        return false;
    }

    void Enqueue(ReadOnlySpan<byte> datagram, TimeSpan now, double spread) => _underWay.Enqueue(datagram.ToArray(),
        (now + TimeSpan.FromMilliseconds(Millis + (random.NextDouble() * spread)), _count++));
}
