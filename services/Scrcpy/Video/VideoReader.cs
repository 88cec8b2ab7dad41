using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace CloudPhone.Scrcpy.Video;

/// <summary>The packets of scrcpy's video: 12 bytes of head, big-endian, then the data of all but sessions. One reader
/// at a time. Who gives up in the middle of a packet goes on there with the next call.</summary>
/// <param name="maxFrame">Bytes of one packet's data.</param>
sealed class VideoReader(Stream stream, int maxFrame)
{
    const int Head = 12, FirstRoom = 4096, MaxSide = 16384;
    const ulong IsSession = 1UL << 63, IsConfig = 1UL << 62, IsKey = 1UL << 61;
    readonly byte[] _head = new byte[Head];
    byte[] _data = new byte[Math.Min(FirstRoom, maxFrame)];
    int _headRead, _dataRead;

    /// <summary>How many bytes have come.</summary>
    public long BytesRead { get; private set; }

    /// <returns>Null where the video has ended between packets.</returns>
    /// <exception cref="ScrcpyException">It is none, or ends within a packet.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<VideoPacket?> ReadAsync(CancellationToken ct)
    {
        while (_headRead < Head)
        {
            var n = await stream.ReadAsync(_head.AsMemory(_headRead), ct);
            if (n == 0)
                return _headRead == 0 ? null : throw Early();
            _headRead += n;
            BytesRead += n;
        }
        var flags = BinaryPrimitives.ReadUInt64BigEndian(_head);
        if ((flags & IsSession) != 0)
            return Session();
        var size = Size();
        while (_dataRead < size)
        {
            MakeRoom(size);
            var n = await stream.ReadAsync(_data.AsMemory(_dataRead, Math.Min(size, _data.Length) - _dataRead), ct);
            if (n == 0)
                throw Early();
            _dataRead += n;
            BytesRead += n;
        }
        (_headRead, _dataRead) = (0, 0);
        var kind = (flags & IsConfig) != 0 ? VideoPacketKind.Config
            : (flags & IsKey) != 0 ? VideoPacketKind.Key : VideoPacketKind.Frame;
        var time = kind == VideoPacketKind.Config ? TimeSpan.Zero : Time(flags & (IsKey - 1));
        return new VideoPacket(kind, time, 0, 0, _data.AsMemory(0, size));
    }

    VideoPacket Session()
    {
        _headRead = 0;
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(4)),
            BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(8)));
        return width is > 0 and <= MaxSide && height is > 0 and <= MaxSide
            ? new(VideoPacketKind.Session, TimeSpan.Zero, (int)width, (int)height, default)
            : throw ScrcpyException.Protocol($"a video of {width}x{height}");
    }

    int Size()
    {
        var size = BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(8));
        return size > 0 && size <= maxFrame ? (int)size
            : throw ScrcpyException.Protocol($"a picture of {size} bytes, of which at most {maxFrame} are taken");
    }

    /// <summary>A size is only a claim: there is twice the room of what has come.</summary>
    void MakeRoom(int size)
    {
        if (_dataRead == _data.Length)
            Array.Resize(ref _data, (int)Math.Min(size, 2L * _data.Length));
    }

    static TimeSpan Time(ulong microseconds) => microseconds <= long.MaxValue / TimeSpan.TicksPerMicrosecond
        ? TimeSpan.FromTicks((long)microseconds * TimeSpan.TicksPerMicrosecond)
        : throw ScrcpyException.Protocol("a picture of no time");

    static ScrcpyException Early() => new(ScrcpyFault.Ended, "The phone's screen ended within a picture.");
}
