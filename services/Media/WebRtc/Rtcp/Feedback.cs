using System.Buffers.Binary;
using System.Numerics;

namespace CloudPhone.Media.WebRtc.Rtcp;

/// <summary>What viewers ask for: packets once more, a key frame, another bit rate. All sizes are checked
/// here.</summary>
static class Feedback
{
    const int GenericNack = 1, PictureLoss = 1, FullIntraRequest = 4, ApplicationLayer = 15;
    const int MediaSsrcAt = 4, ItemsAt = 8, FirItem = 8, NackItem = 4, BlockLength = 24;

    /// <summary>The items of a NACK for this stream; empty: it is none.</summary>
    public static ReadOnlySpan<byte> NackItems(in RtcpPacket packet, uint ssrc) =>
        packet is { Type: RtcpType.TransportFeedback, Count: GenericNack } && IsAbout(packet.Body, ssrc)
            ? packet.Body[ItemsAt..] : [];

    /// <summary>Takes one item off: a sequence number, and which of the 16 after it are lost as well.</summary>
    public static bool TryNack(ref ReadOnlySpan<byte> items, out ushort sequence, out ushort following)
    {
        (sequence, following) = (0, 0);
        if (items.Length < NackItem)
            return false;
        sequence = BinaryPrimitives.ReadUInt16BigEndian(items);
        following = BinaryPrimitives.ReadUInt16BigEndian(items[2..]);
        items = items[NackItem..];
        return true;
    }

    /// <summary>PLI, or FIR for this stream.</summary>
    public static bool IsKeyFrameRequest(in RtcpPacket packet, uint ssrc)
    {
        if (packet.Type != RtcpType.PayloadFeedback)
            return false;
        if (packet.Count == PictureLoss)
            return IsAbout(packet.Body, ssrc);
        if (packet.Count == FullIntraRequest)
            for (var at = ItemsAt; at + FirItem <= packet.Body.Length; at += FirItem)
                if (BinaryPrimitives.ReadUInt32BigEndian(packet.Body[at..]) == ssrc)
                    return true;
        return false;
    }

    /// <summary>REMB: what the receiver thinks that its way can take, in bits per second.</summary>
    public static bool TryEstimate(in RtcpPacket packet, uint ssrc, out long bitsPerSecond)
    {
        bitsPerSecond = 0;
        var body = packet.Body;
        if (packet is not { Type: RtcpType.PayloadFeedback, Count: ApplicationLayer }
            || body.Length < 20 || !body.Slice(ItemsAt, 4).SequenceEqual("REMB"u8))
            return false;
        var (streams, exponent) = (body[12], body[13] >> 2);
        var mantissa = ((body[13] & 3L) << 16) | BinaryPrimitives.ReadUInt16BigEndian(body[14..]);
        if (BitOperations.Log2((ulong)mantissa | 1) + exponent > 40)
            return false; // over a terabit is nobody's line
        for (var at = 16; at + 4 <= body.Length && streams > 0; at += 4, streams--)
            if (BinaryPrimitives.ReadUInt32BigEndian(body[at..]) == ssrc)
            {
                bitsPerSecond = mantissa << exponent;
                return true;
            }
        return false;
    }

    /// <summary>The block of a receiver's (or sender's) report that is about this stream.</summary>
    public static bool TryReport(in RtcpPacket packet, uint ssrc, out ReportBlock block)
    {
        block = default;
        var at = packet.Type switch
        {
            RtcpType.ReceiverReport => 4,
            RtcpType.SenderReport => 24,
            _ => -1,
        };
        if (at < 0)
            return false;
        for (var i = 0; i < packet.Count && at + BlockLength <= packet.Body.Length; i++, at += BlockLength)
        {
            var bytes = packet.Body.Slice(at, BlockLength);
            if (BinaryPrimitives.ReadUInt32BigEndian(bytes) == ssrc)
            {
                block = new(bytes[4] / 256.0, BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
                    BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]));
                return true;
            }
        }
        return false;
    }

    static bool IsAbout(ReadOnlySpan<byte> body, uint ssrc) =>
        body.Length >= ItemsAt && BinaryPrimitives.ReadUInt32BigEndian(body[MediaSsrcAt..]) == ssrc;
}

/// <param name="Loss">Of the packets since the last report, 0 to 1.</param>
/// <param name="LastReport">The middle 32 bits of the time of our last report that came there; 0: none did.</param>
/// <param name="Delay">For how long it was there, in 1/65536 s.</param>
readonly record struct ReportBlock(double Loss, uint LastReport, uint Delay)
{
    /// <summary>There and back; null where it can't be told.</summary>
    public TimeSpan? RoundTrip(ulong ntpNow)
    {
        var trip = unchecked((int)((uint)(ntpNow >> 16) - LastReport - Delay));
        return LastReport == 0 || trip < 0 ? null : TimeSpan.FromSeconds(trip / 65536.0);
    }
}
