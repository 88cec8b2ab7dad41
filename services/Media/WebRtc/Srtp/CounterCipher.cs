using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CloudPhone.Media.WebRtc.Srtp;

/// <summary>AES_CM_128_HMAC_SHA1_80 (RFC 3711): what every WebRTC implementation has.</summary>
sealed class CounterCipher(SrtpKeys master) : SrtpCipher
{
    const int TagLength = 10, HashLength = 20, SaltLength = 14;

    readonly CounterStream _rtp = new(
        SrtpKeyDerivation.Derive(master, SrtpKeyDerivation.RtpKey, SrtpProfiles.KeyLength),
        SrtpKeyDerivation.Derive(master, SrtpKeyDerivation.RtpSalt, SaltLength));
    readonly CounterStream _rtcp = new(
        SrtpKeyDerivation.Derive(master, SrtpKeyDerivation.RtcpKey, SrtpProfiles.KeyLength),
        SrtpKeyDerivation.Derive(master, SrtpKeyDerivation.RtcpSalt, SaltLength));
    readonly IncrementalHash _rtpHash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1,
        SrtpKeyDerivation.Derive(master, SrtpKeyDerivation.RtpAuthentication, HashLength));
    readonly IncrementalHash _rtcpHash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1,
        SrtpKeyDerivation.Derive(master, SrtpKeyDerivation.RtcpAuthentication, HashLength));

    public override int Tag => TagLength;

    public override int ProtectRtp(Span<byte> packet, int headerLength, ReadOnlySpan<byte> payload, long index)
    {
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[SsrcAt..]);
        _rtp.Apply(payload, packet[headerLength..], ssrc, index);
        var end = headerLength + payload.Length;
        // the count of wraps is authenticated, and not sent: the tag takes its place
        BinaryPrimitives.WriteUInt32BigEndian(packet[end..], (uint)(index >> 16));
        Authenticate(_rtpHash, packet[..(end + IndexLength)], packet.Slice(end, TagLength));
        return end + TagLength;
    }

    public override int ProtectRtcp(Span<byte> packet, int length, uint index)
    {
        var body = packet[RtcpHeaderLength..length];
        _rtcp.Apply(body, body, BinaryPrimitives.ReadUInt32BigEndian(packet[RtcpSsrcAt..]), index);
        BinaryPrimitives.WriteUInt32BigEndian(packet[length..], Encrypted | index);
        var end = length + IndexLength;
        Authenticate(_rtcpHash, packet[..end], packet.Slice(end, TagLength));
        return end + TagLength;
    }

    public override int UnprotectRtcp(ReadOnlySpan<byte> packet, Span<byte> plain, out uint index)
    {
        index = 0;
        var length = packet.Length - IndexLength - TagLength;
        if (length < RtcpHeaderLength)
            return -1;
        Span<byte> tag = stackalloc byte[TagLength];
        Authenticate(_rtcpHash, packet[..(length + IndexLength)], tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, packet[(length + IndexLength)..]))
            return -1;
        var trailer = BinaryPrimitives.ReadUInt32BigEndian(packet[length..]);
        if ((trailer & Encrypted) == 0)
            return -1; // nobody has a reason to send it readable
        index = trailer & ~Encrypted;
        packet[..RtcpHeaderLength].CopyTo(plain);
        _rtcp.Apply(packet[RtcpHeaderLength..length], plain[RtcpHeaderLength..],
            BinaryPrimitives.ReadUInt32BigEndian(packet[RtcpSsrcAt..]), index);
        return length;
    }

    static void Authenticate(IncrementalHash hash, ReadOnlySpan<byte> data, Span<byte> tag)
    {
        Span<byte> whole = stackalloc byte[HashLength];
        hash.AppendData(data);
        hash.GetHashAndReset(whole);
        whole[..TagLength].CopyTo(tag);
    }

    public override void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
        _rtpHash.Dispose();
        _rtcpHash.Dispose();
    }
}
