namespace CloudPhone.Media.WebRtc.H264;

/// <summary>
/// One picture, cut into the payloads of its packets once for all viewers. It is counted how many hold it; the last one
/// gives it back to its pool.
/// </summary>
sealed class Frame(FramePool pool)
{
    byte[] _bytes = new byte[16 * 1024];
    int[] _ends = new int[16];
    int _holders;

    /// <summary>Since the stream began.</summary>
    public TimeSpan Time { get; private set; }

    /// <summary>A decoder can begin with it.</summary>
    public bool IsKey { get; private set; }

    /// <summary>How many packets it is.</summary>
    public int Count { get; private set; }

    public int Bytes => Count == 0 ? 0 : _ends[Count - 1];

    public ReadOnlySpan<byte> this[int packet] =>
        _bytes.AsSpan(packet == 0 ? 0 : _ends[packet - 1], _ends[packet] - (packet == 0 ? 0 : _ends[packet - 1]));

    /// <summary>Whoever takes it out of the pool is its first holder.</summary>
    public void Begin(TimeSpan time, bool isKey)
    {
        (Time, IsKey, Count) = (time, isKey, 0);
        _holders = 1;
    }

    public Span<byte> Append(int length)
    {
        var start = Bytes;
        if (start + length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, start + length));
        if (Count == _ends.Length)
            Array.Resize(ref _ends, 2 * Count);
        _ends[Count++] = start + length;
        return _bytes.AsSpan(start, length);
    }

    public void Hold() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            pool.Return(this);
    }
}
