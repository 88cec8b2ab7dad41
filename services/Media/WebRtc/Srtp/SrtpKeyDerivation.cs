using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CloudPhone.Media.WebRtc.Srtp;

/// <summary>Session keys from a master key (RFC 3711, 4.3, with the key derivation rate 0).</summary>
static class SrtpKeyDerivation
{
    public const byte RtpKey = 0, RtpAuthentication = 1, RtpSalt = 2;
    public const byte RtcpKey = 3, RtcpAuthentication = 4, RtcpSalt = 5;
    const int Block = 16, LabelAt = 7;

    public static byte[] Derive(SrtpKeys master, byte label, int length)
    {
        using var aes = Aes.Create();
        aes.Key = master.Key;
        // a salt of 12 bytes is one of 14 that ends with two zeros (RFC 7714, 11)
        Span<byte> counter = stackalloc byte[Block];
        counter.Clear();
        master.Salt.CopyTo(counter);
        counter[LabelAt] ^= label;
        var stream = new byte[(length + Block - 1) / Block * Block];
        for (var at = 0; at < stream.Length; at += Block)
        {
            BinaryPrimitives.WriteUInt16BigEndian(counter[14..], (ushort)(at / Block));
            aes.EncryptEcb(counter, stream.AsSpan(at, Block), PaddingMode.None);
        }
        return stream[..length];
    }
}
