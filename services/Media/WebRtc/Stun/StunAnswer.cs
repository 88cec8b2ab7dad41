using System.Buffers.Binary;
using static CloudPhone.Media.WebRtc.Stun.StunFormat;

namespace CloudPhone.Media.WebRtc.Stun;

/// <summary>The answer to a binding request: where it came from, signed.</summary>
static class StunAnswer
{
    /// <returns>The answer's length.</returns>
    public static int Write(
        Span<byte> message, ReadOnlySpan<byte> transactionId, RemoteAddress from, ReadOnlySpan<byte> password)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message, BindingSuccess);
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], Cookie);
        transactionId.CopyTo(message[8..]);
        var at = HeaderLength;
        WriteMapped(message[Attribute(message, ref at, StunAttribute.XorMappedAddress, from.IsV6 ? 20 : 8)..], from,
            message.Slice(4, 16));
        var signed = at;
        var integrity = Attribute(message, ref at, StunAttribute.MessageIntegrity, IntegrityLength);
        StunIntegrity.Compute(message[..signed], password, message.Slice(integrity, IntegrityLength));
        var covered = at;
        var fingerprint = Attribute(message, ref at, StunAttribute.Fingerprint, FingerprintLength);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], (ushort)(at - HeaderLength));
        BinaryPrimitives.WriteUInt32BigEndian(
            message[fingerprint..], Crc32.Of(message[..covered]) ^ FingerprintMask);
        return at;
    }

    /// <summary>XOR-MAPPED-ADDRESS: routers that rewrite addresses in payloads must not find it.</summary>
    /// <param name="mask">Cookie and transaction id.</param>
    public static void WriteMapped(Span<byte> value, RemoteAddress address, ReadOnlySpan<byte> mask)
    {
        BinaryPrimitives.WriteUInt16BigEndian(value, (ushort)(address.IsV6 ? 2 : 1));
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(address.Port ^ (Cookie >> 16)));
        if (address.IsV6)
            BinaryPrimitives.WriteUInt128BigEndian(
                value[4..], address.Bits ^ BinaryPrimitives.ReadUInt128BigEndian(mask));
        else
            BinaryPrimitives.WriteUInt32BigEndian(value[4..], (uint)address.Bits ^ Cookie);
    }

    /// <returns>Where its value stands.</returns>
    static int Attribute(Span<byte> message, ref int at, StunAttribute kind, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message[at..], (ushort)kind);
        BinaryPrimitives.WriteUInt16BigEndian(message[(at + 2)..], (ushort)length);
        var value = at + AttributeHeaderLength;
        at = value + length;
        return value;
    }
}
