using System.Buffers.Binary;

namespace CloudPhone.Media.WebRtc.Rtcp;

/// <summary>The compound that a sender owes each second: how much was sent, and whose it is (RFC 3550, 6.4.1,
/// 6.5).</summary>
static class SenderReport
{
    const int ReportLength = 28;
    const byte Version = 0x80, CanonicalName = 1;

    /// <param name="ntp">Now; by it and the timestamp of the same moment a browser can bring streams together.</param>
    /// <param name="name">At most 255 bytes.</param>
    /// <returns>Its length.</returns>
    public static int Write(
        Span<byte> packet, uint ssrc, ulong ntp, uint timestamp, uint packets, uint bytes, ReadOnlySpan<byte> name)
    {
        Header(packet, 0, RtcpType.SenderReport, ReportLength);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(packet[8..], ntp);
        BinaryPrimitives.WriteUInt32BigEndian(packet[16..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet[20..], packets);
        BinaryPrimitives.WriteUInt32BigEndian(packet[24..], bytes);
        packet = packet[ReportLength..];
        // a name, a zero that ends the list, and zeros up to the next word
        var length = (4 + 4 + 2 + name.Length + 1 + 3) & ~3;
        packet[..length].Clear();
        Header(packet, 1, RtcpType.SourceDescription, length);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], ssrc);
        (packet[8], packet[9]) = (CanonicalName, (byte)name.Length);
        name.CopyTo(packet[10..]);
        return ReportLength + length;
    }

    static void Header(Span<byte> packet, int count, RtcpType type, int length)
    {
        packet[0] = (byte)(Version | count);
        packet[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(length / 4 - 1));
    }
}
