namespace CloudPhone.Media.Recordings.Mp4;

/// <summary>Pictures that are written together: whatever becomes of the process, what was written plays.</summary>
sealed class MovieFragment
{
    const uint KeyFlags = 0x0200_0000, FrameFlags = 0x0101_0000;
    const uint DefaultBaseIsMoof = 0x020000, DataOffset = 0x1, Durations = 0x100, Sizes = 0x200, Flags = 0x400;
    const int SampleLength = 12, DataOffsetAt = 8, BoxHead = 8;

    readonly List<(long Time, int Size, bool IsKey)> _samples = [];
    readonly BoxWriter _data = new();
    uint _number;

    public int Count => _samples.Count;

    public int Bytes => _data.Length;

    /// <summary>Of the first picture, in the timescale.</summary>
    public long Start => _samples[0].Time;

    /// <summary>Of the last one.</summary>
    public long Last => _samples[^1].Time;

    /// <param name="unit">NAL units behind start codes of four bytes, each of which becomes its length.</param>
    public void Add(ReadOnlySpan<byte> unit, long time, bool isKey)
    {
        var start = _data.Length;
        while (WebRtc.H264.AnnexB.TryNext(ref unit, out var nal))
        {
            _data.U32((uint)nal.Length);
            _data.Bytes(nal);
        }
        _samples.Add((time, _data.Length - start, isKey));
    }

    /// <summary>Empties itself into the writer.</summary>
    /// <param name="end">When the last picture ends, as far as is known.</param>
    /// <returns>Where the last picture's duration is, in 32 bits.</returns>
    public int Write(BoxWriter w, long end)
    {
        var moof = w.Begin("moof");
        var mfhd = w.Begin("mfhd", 0);
        w.U32(++_number);
        w.End(mfhd);
        var traf = w.Begin("traf");
        var tfhd = w.Begin("tfhd", 0, DefaultBaseIsMoof);
        w.U32(1);
        w.End(tfhd);
        var tfdt = w.Begin("tfdt", 1);
        w.U64((ulong)Start);
        w.End(tfdt);
        var trun = w.Begin("trun", 0, DataOffset | Durations | Sizes | Flags);
        w.U32((uint)_samples.Count);
        w.U32(0);
        for (var i = 0; i < _samples.Count; i++)
        {
            var next = i + 1 < _samples.Count ? _samples[i + 1].Time : end;
            w.U32((uint)Math.Clamp(next - _samples[i].Time, 0, uint.MaxValue));
            w.U32((uint)_samples[i].Size);
            w.U32(_samples[i].IsKey ? KeyFlags : FrameFlags);
        }
        w.End(trun);
        w.End(traf);
        w.End(moof);
        w.Patch(trun + BoxHead + DataOffsetAt, (uint)(w.Length - moof + BoxHead));
        var last = w.Length - SampleLength;
        var mdat = w.Begin("mdat");
        w.Bytes(_data.Written.Span);
        w.End(mdat);
        _data.Clear();
        _samples.Clear();
        return last;
    }
}
