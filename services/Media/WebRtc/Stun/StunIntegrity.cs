using System.Buffers.Binary;
using System.Security.Cryptography;
using static CloudPhone.Media.WebRtc.Stun.StunFormat;

namespace CloudPhone.Media.WebRtc.Stun;

/// <summary>MESSAGE-INTEGRITY of RFC 8489, 14.5: HMAC-SHA1 with a length that ends behind it.</summary>
static class StunIntegrity
{
    /// <param name="before">The message up to the attribute, at most <see cref="StunRequest.MaxLength"/> bytes.</param>
    public static void Compute(ReadOnlySpan<byte> before, ReadOnlySpan<byte> password, Span<byte> integrity)
    {
        Span<byte> copy = stackalloc byte[StunRequest.MaxLength];
        copy = copy[..before.Length];
        before.CopyTo(copy);
        BinaryPrimitives.WriteUInt16BigEndian(
            copy[2..], (ushort)(before.Length - HeaderLength + AttributeHeaderLength + IntegrityLength));
        HMACSHA1.HashData(password, copy, integrity);
    }
}
