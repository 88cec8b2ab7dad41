using System.Buffers.Binary;

namespace CloudPhone.Media.WebRtc.Rtcp;

/// <summary>
/// A viewer that only receives can't measure the round trip by itself: it tells its time, and is told which of its
/// times came here last, and how long ago (RFC 3611, 4.4 and 4.5). Without that browsers take 100 ms for granted, and
/// ask so late again for what is lost twice.
/// </summary>
/// <param name="Viewer">Its SSRC.</param>
/// <param name="Time">The middle 32 bits of its time.</param>
readonly record struct ReferenceTime(uint Viewer, uint Time)
{
    /// <summary>Of <see cref="Write"/>.</summary>
    public const int Length = 24;
    const byte Version = 0x80, Receiver = 4, DelaySinceReceiver = 5;
    const int Head = 4, ReceiverWords = 2, DelayWords = 3, UnitsPerSecond = 65_536;

    /// <summary>The time that a viewer tells.</summary>
    public static bool TryRead(in RtcpPacket packet, out ReferenceTime time)
    {
        time = default;
        if (packet is not { Type: RtcpType.ExtendedReport, Body.Length: >= Head })
            return false;
        for (var rest = packet.Body[Head..]; rest.Length >= Head;)
        {
            var words = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (Head * (1 + words) > rest.Length)
                return false;
            if (rest[0] == Receiver && words == ReceiverWords)
            {
                time = new(BinaryPrimitives.ReadUInt32BigEndian(packet.Body),
                    (uint)(BinaryPrimitives.ReadUInt64BigEndian(rest[Head..]) >> 16));
                return true;
            }
            rest = rest[(Head * (1 + words))..];
        }
        return false;
    }

    /// <summary>Tells it that this was the last, and how long ago.</summary>
    public void Write(Span<byte> packet, uint ssrc, TimeSpan ago)
    {
        (packet[0], packet[1]) = (Version, (byte)RtcpType.ExtendedReport);
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (Length / Head) - 1);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], ssrc);
        (packet[8], packet[9]) = (DelaySinceReceiver, 0);
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], DelayWords);
        BinaryPrimitives.WriteUInt32BigEndian(packet[12..], Viewer);
        BinaryPrimitives.WriteUInt32BigEndian(packet[16..], Time);
        BinaryPrimitives.WriteUInt32BigEndian(packet[20..], (uint)(ago.TotalSeconds * UnitsPerSecond));
    }
}
