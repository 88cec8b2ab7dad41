namespace CloudPhone.Media.WebRtc;

/// <summary>What shares the one port, told apart by the first bytes (RFC 7983, RFC 5761).</summary>
enum PacketKind
{
    Unknown,
    Stun,
    Dtls,
    Rtp,
    Rtcp,
}

static class PacketKinds
{
    public static PacketKind Of(ReadOnlySpan<byte> datagram) => datagram switch
    {
        [<= 3, ..] => PacketKind.Stun,
        [>= 20 and <= 63, ..] => PacketKind.Dtls,
        [>= 128 and <= 191, >= 192 and <= 223, ..] => PacketKind.Rtcp,
        [>= 128 and <= 191, _, ..] => PacketKind.Rtp,
        _ => PacketKind.Unknown,
    };
}
