using System.Buffers.Binary;

namespace CloudPhone.Media.WebRtc.Rtp;

/// <summary>
/// The header of a media packet (RFC 3550, 5.1), with the playout-delay extension where it was agreed on: a delay of 0
/// tells the browser to show a picture when it is there.
/// </summary>
static class RtpHeader
{
    public const string PlayoutDelay = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
    public const int Length = 12, ExtensionLength = 8;
    const byte Version = 0x80, HasExtension = 0x10, Marker = 0x80;
    const ushort OneByteProfile = 0xBEDE;

    /// <param name="extension">The id of playout-delay; 0: it is not sent.</param>
    /// <returns>The header's length.</returns>
    public static int Write(
        Span<byte> packet, byte payloadType, bool isLast, ushort sequence, uint timestamp, uint ssrc, int extension)
    {
        packet[0] = (byte)(Version | (extension == 0 ? 0 : HasExtension));
        packet[1] = (byte)(payloadType | (isLast ? Marker : 0));
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], ssrc);
        if (extension == 0)
            return Length;
        BinaryPrimitives.WriteUInt16BigEndian(packet[Length..], OneByteProfile);
        BinaryPrimitives.WriteUInt16BigEndian(packet[(Length + 2)..], 1);
        // the id, 3 bytes of data, and in them twice 12 bits of zero
        BinaryPrimitives.WriteUInt32BigEndian(packet[(Length + 4)..], (uint)((extension << 4) | 2) << 24);
        return Length + ExtensionLength;
    }
}
