using System.Buffers;
using System.Buffers.Binary;
using CloudPhone.Media.Recordings.Mp4;
using CloudPhone.Media.Screens;
using CloudPhone.Media.WebRtc.H264;
using Microsoft.Win32.SafeHandles;

namespace CloudPhone.Media.Recordings;

/// <summary>
/// An MP4 that grows on disk, in fragments of a second: what was written before the process dies plays. Belongs to one
/// caller at a time.
/// </summary>
sealed class RecordingFile(string path) : IDisposable
{
    const int MaxFragment = 1 << 20;

    readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.Read);
    readonly BoxWriter _out = new();
    readonly MovieFragment _fragment = new();
    readonly ArrayBufferWriter<byte> _unit = new(64 << 10);
    int[] _durations = [];
    TimeSpan? _begin;
    (long DurationAt, long Start)? _lastSample;
    long _end;

    /// <summary>Bytes on disk.</summary>
    public long Length { get; private set; }

    /// <summary>With what waits to be written.</summary>
    public long Bytes => Length + _fragment.Bytes;

    public TimeSpan Duration => TimeSpan.FromSeconds((double)_end / MovieHead.Timescale);

    /// <param name="frame">A key frame first.</param>
    /// <exception cref="IOException">The disk takes no more.</exception>
    public void Add(Frame frame, VideoSize size)
    {
        _unit.ResetWrittenCount();
        Reassembly.Write(frame, _unit);
        if (_begin is null)
            Begin(frame.Time, size);
        var time = Ticks(frame.Time);
        if (_fragment.Count == 0)
            Prolong(time);
        else if (frame.IsKey || time - _fragment.Start >= MovieHead.Timescale || _fragment.Bytes >= MaxFragment)
            Write(time);
        _fragment.Add(_unit.WrittenSpan, time, frame.IsKey);
        _end = Math.Max(_end, time);
    }

    /// <summary>What has come is on disk, and the last picture is seen until now.</summary>
    /// <exception cref="IOException">The disk takes no more.</exception>
    public void Flush(TimeSpan now)
    {
        if (_begin is null)
            return;
        var end = Ticks(now);
        if (_fragment.Count > 0)
            Write(end);
        else
            Prolong(end);
        _end = Math.Max(_end, end);
    }

    /// <summary>Says how long it is in the places where players look first.</summary>
    public void Finish()
    {
        Span<byte> duration = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(duration, _end);
        foreach (var at in _durations)
            RandomAccess.Write(_file, duration, at);
        RandomAccess.FlushToDisk(_file);
    }

    void Begin(TimeSpan time, VideoSize size)
    {
        var sets = new ParameterSets();
        var rest = _unit.WrittenSpan;
        while (AnnexB.TryNext(ref rest, out var unit))
            sets.Offer(NalUnits.KindOf(unit), unit);
        if (!sets.AreComplete)
            throw new InvalidDataException("A recording begins with a picture that can't be decoded.");
        _out.Clear();
        _durations = MovieHead.Write(_out, size.Width, size.Height, sets.Sps, sets.Pps);
        Append();
        _begin = time;
    }

    void Write(long end)
    {
        _out.Clear();
        var (at, last) = (Length, _fragment.Last);
        var durationAt = _fragment.Write(_out, end);
        Append();
        _lastSample = (at + durationAt, last);
    }

    /// <summary>How long a picture is seen is known when the next one comes.</summary>
    void Prolong(long end)
    {
        if (_lastSample is not var (at, start) || end <= start)
            return;
        Span<byte> duration = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(duration, (uint)Math.Min(end - start, uint.MaxValue));
        RandomAccess.Write(_file, duration, at);
    }

    /// <summary>All of it, or nothing.</summary>
    void Append()
    {
        try
        {
            RandomAccess.Write(_file, _out.Written.Span, Length);
        }
        catch (IOException)
        {
            Shorten();
            throw;
        }
        Length += _out.Length;
    }

    void Shorten()
    {
        try
        {
            RandomAccess.SetLength(_file, Length);
        }
        catch (IOException)
        {
            // half of a fragment at the end does no harm
        }
    }

    long Ticks(TimeSpan time) =>
        (long)Math.Max(0, Math.Round((time - _begin!.Value).TotalSeconds * MovieHead.Timescale));

    public void Dispose() => _file.Dispose();
}
