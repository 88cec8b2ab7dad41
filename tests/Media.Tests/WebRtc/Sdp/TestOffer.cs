using CloudPhone.Media.WebRtc.Sdp;

namespace CloudPhone.Media.Tests.WebRtc.Sdp;

/// <summary>Written after what Chromium offers for one transceiver that receives video, without the formats nobody
/// takes.</summary>
static class TestOffer
{
    public const string Ufrag = "Zx9+";

    public static string Text(byte[]? fingerprint = null) => $"""
        v=0
        o=- 4611731400430051336 2 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0
        a=extmap-allow-mixed
        a=msid-semantic: WMS
        m=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104 109 114 39
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:{Ufrag}
        a=ice-pwd:0c7+WJJLwT6tCX8PxrfKX6rC
        a=ice-options:trickle
        a=fingerprint:sha-256 {BitConverter.ToString(fingerprint ?? new byte[32]).Replace('-', ':')}
        a=setup:actpass
        a=mid:0
        a=extmap:1 urn:ietf:params:rtp-hdrext:toffset
        a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
        a=recvonly
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:96 VP8/90000
        a=rtcp-fb:96 nack
        a=rtpmap:103 H264/90000
        a=rtcp-fb:103 goog-remb
        a=rtcp-fb:103 transport-cc
        a=rtcp-fb:103 ccm fir
        a=rtcp-fb:103 nack
        a=rtcp-fb:103 nack pli
        a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
        a=rtpmap:104 rtx/90000
        a=fmtp:104 apt=103
        a=rtpmap:109 H264/90000
        a=rtcp-fb:109 goog-remb
        a=rtcp-fb:109 transport-cc
        a=rtcp-fb:109 ccm fir
        a=rtcp-fb:109 nack
        a=rtcp-fb:109 nack pli
        a=fmtp:109 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
        a=rtpmap:39 H264/90000
        a=fmtp:39 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f

        """.ReplaceLineEndings("\r\n");

    public static SdpOffer Read(byte[]? fingerprint = null) =>
        SdpOffer.Read(Text(fingerprint), out var reason) ?? throw new InvalidOperationException(reason);
}
