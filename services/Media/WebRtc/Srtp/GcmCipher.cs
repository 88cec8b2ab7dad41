using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CloudPhone.Media.WebRtc.Srtp;

/// <summary>AEAD_AES_128_GCM (RFC 7714): header as associated data, nothing else to authenticate.</summary>
sealed class GcmCipher : SrtpCipher
{
    const int TagLength = 16, NonceLength = 12;

    readonly AesGcm _rtp, _rtcp;
    readonly byte[] _rtpSalt, _rtcpSalt;

    public GcmCipher(SrtpKeys master)
        : this(SrtpKeyDerivation.Derive(master, SrtpKeyDerivation.RtpKey, SrtpProfiles.KeyLength),
            SrtpKeyDerivation.Derive(master, SrtpKeyDerivation.RtpSalt, NonceLength),
            SrtpKeyDerivation.Derive(master, SrtpKeyDerivation.RtcpKey, SrtpProfiles.KeyLength),
            SrtpKeyDerivation.Derive(master, SrtpKeyDerivation.RtcpSalt, NonceLength))
    {
    }

    /// <param name="rtpKey">A session key, as the others are.</param>
    public GcmCipher(byte[] rtpKey, byte[] rtpSalt, byte[] rtcpKey, byte[] rtcpSalt)
    {
        (_rtp, _rtcp) = (new(rtpKey, TagLength), new(rtcpKey, TagLength));
        (_rtpSalt, _rtcpSalt) = (rtpSalt, rtcpSalt);
    }

    public override int Tag => TagLength;

    public override int ProtectRtp(Span<byte> packet, int headerLength, ReadOnlySpan<byte> payload, long index)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        Nonce(nonce, packet[SsrcAt..], _rtpSalt);
        // 0 0, SSRC, wraps, sequence number
        BinaryPrimitives.WriteUInt16BigEndian(
            nonce[6..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(nonce[6..]) ^ (ushort)(index >> 32)));
        Xor(nonce[8..], (uint)index);
        var end = headerLength + payload.Length;
        _rtp.Encrypt(nonce, payload, packet[headerLength..end], packet.Slice(end, TagLength), packet[..headerLength]);
        return end + TagLength;
    }

    public override int ProtectRtcp(Span<byte> packet, int length, uint index)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        Nonce(nonce, packet[RtcpSsrcAt..], _rtcpSalt);
        Xor(nonce[8..], index);
        Span<byte> associated = stackalloc byte[RtcpHeaderLength + IndexLength];
        packet[..RtcpHeaderLength].CopyTo(associated);
        BinaryPrimitives.WriteUInt32BigEndian(associated[RtcpHeaderLength..], Encrypted | index);
        Span<byte> plain = stackalloc byte[length - RtcpHeaderLength];
        packet[RtcpHeaderLength..length].CopyTo(plain);
        _rtcp.Encrypt(nonce, plain, packet[RtcpHeaderLength..length], packet.Slice(length, TagLength), associated);
        BinaryPrimitives.WriteUInt32BigEndian(packet[(length + TagLength)..], Encrypted | index);
        return length + TagLength + IndexLength;
    }

    public override int UnprotectRtcp(ReadOnlySpan<byte> packet, Span<byte> plain, out uint index)
    {
        index = 0;
        var length = packet.Length - TagLength - IndexLength;
        if (length < RtcpHeaderLength)
            return -1;
        var trailer = BinaryPrimitives.ReadUInt32BigEndian(packet[(length + TagLength)..]);
        if ((trailer & Encrypted) == 0)
            return -1; // nobody has a reason to send it readable
        index = trailer & ~Encrypted;
        Span<byte> nonce = stackalloc byte[NonceLength];
        Nonce(nonce, packet[RtcpSsrcAt..], _rtcpSalt);
        Xor(nonce[8..], index);
        Span<byte> associated = stackalloc byte[RtcpHeaderLength + IndexLength];
        packet[..RtcpHeaderLength].CopyTo(associated);
        BinaryPrimitives.WriteUInt32BigEndian(associated[RtcpHeaderLength..], trailer);
        packet[..RtcpHeaderLength].CopyTo(plain);
        try
        {
            _rtcp.Decrypt(nonce, packet[RtcpHeaderLength..length], packet.Slice(length, TagLength),
                plain[RtcpHeaderLength..length], associated);
            return length;
        }
        catch (AuthenticationTagMismatchException)
        {
            return -1;
        }
    }

    /// <summary>The salt with the SSRC in its place; the index is still to come.</summary>
    static void Nonce(Span<byte> nonce, ReadOnlySpan<byte> ssrc, byte[] salt)
    {
        salt.CopyTo(nonce);
        Xor(nonce[2..], BinaryPrimitives.ReadUInt32BigEndian(ssrc));
    }

    static void Xor(Span<byte> bytes, uint value) => BinaryPrimitives.WriteUInt32BigEndian(
        bytes, BinaryPrimitives.ReadUInt32BigEndian(bytes) ^ value);

    public override void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
    }
}
