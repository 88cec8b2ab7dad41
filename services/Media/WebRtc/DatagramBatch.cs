namespace CloudPhone.Media.WebRtc;

/// <summary>
/// Datagrams on their way out, one behind the other in one piece of memory, all to one address: the kernel can take
/// a run of them in one call. Belongs to one thread at a time.
/// </summary>
/// <param name="flush">Sends them; they are gone when it returns.</param>
sealed class DatagramBatch(Action<DatagramBatch> flush)
{
    /// <summary>The longest datagram that one can be.</summary>
    public const int MaxDatagram = 1500;
    const int MaxCount = 64, Capacity = 60_000;

    // pinned: the kernel is given its address
    readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(Capacity + MaxDatagram, pinned: true);
    readonly int[] _ends = new int[MaxCount];

    public RemoteAddress To { get; private set; }

    public int Count { get; private set; }

    /// <summary>All datagrams without gaps; <see cref="Length"/> says where each ends.</summary>
    public byte[] Buffer => _buffer;

    public int Start(int datagram) => datagram == 0 ? 0 : _ends[datagram - 1];

    public int Length(int datagram) => _ends[datagram] - Start(datagram);

    public ReadOnlySpan<byte> this[int datagram] => _buffer.AsSpan(Start(datagram), Length(datagram));

    /// <summary>Where the next datagram is written; it counts once it is committed.</summary>
    public Span<byte> Reserve(RemoteAddress to)
    {
        if (Count > 0 && (to != To || Count == MaxCount || _ends[Count - 1] > Capacity))
            Flush();
        To = to;
        return _buffer.AsSpan(Start(Count), MaxDatagram);
    }

    public void Commit(int length)
    {
        _ends[Count] = Start(Count) + length;
        Count++;
    }

    public void Flush()
    {
        if (Count > 0)
            flush(this);
        Count = 0;
    }
}
