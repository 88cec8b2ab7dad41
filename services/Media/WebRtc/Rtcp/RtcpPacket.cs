using System.Buffers.Binary;

namespace CloudPhone.Media.WebRtc.Rtcp;

/// <summary>Packet types that are read or written (RFC 3550, RFC 4585, RFC 3611).</summary>
enum RtcpType : byte
{
    SenderReport = 200,
    ReceiverReport = 201,
    SourceDescription = 202,
    Goodbye = 203,
    TransportFeedback = 205,
    PayloadFeedback = 206,
    /// <summary>RFC 3611.</summary>
    ExtendedReport = 207,
}

/// <summary>One packet of a compound; a view on it.</summary>
readonly ref struct RtcpPacket
{
    const int HeaderLength = 4;

    RtcpPacket(RtcpType type, int count, ReadOnlySpan<byte> body)
    {
        Type = type;
        Count = count;
        Body = body;
    }

    public RtcpType Type { get; }

    /// <summary>How many blocks a report has, or the format of feedback.</summary>
    public int Count { get; }

    /// <summary>What follows the first four bytes; whole words.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <param name="rest">What has not been read; the first call has the whole compound.</param>
    /// <returns>False: nothing more can be read.</returns>
    public static bool TryNext(scoped ref ReadOnlySpan<byte> rest, out RtcpPacket packet)
    {
        packet = default;
        if (rest.Length < HeaderLength || rest[0] >> 6 != 2)
            return false;
        var length = HeaderLength * (1 + BinaryPrimitives.ReadUInt16BigEndian(rest[2..]));
        if (length > rest.Length)
            return false;
        packet = new((RtcpType)rest[1], rest[0] & 0x1F, rest[HeaderLength..length]);
        rest = rest[length..];
        return true;
    }
}
