using System.Net;
using System.Security.Cryptography;
using CloudPhone.Media.WebRtc.Ice;
using CloudPhone.Media.WebRtc.Sdp;

namespace CloudPhone.Media.Tests.WebRtc.Sdp;

public class SdpTests
{
    [Fact]
    public void An_offer_is_read()
    {
        var fingerprint = RandomNumberGenerator.GetBytes(32);
        var offer = TestOffer.Read(fingerprint);
        Assert.Equal(109, offer.Format.PayloadType);
        Assert.Equal("42e01f", offer.Format.Profile);
        Assert.Equal(["nack", "nack pli", "ccm fir", "goog-remb"], offer.Format.Feedback);
        Assert.Equal(TestOffer.Ufrag, offer.Ufrag);
        Assert.Equal(fingerprint, offer.Fingerprint);
        Assert.Equal(5, offer.PlayoutDelay);
    }

    [Fact]
    public void The_answer_is_the_one_that_browsers_took()
    {
        var own = new IceCredentials("AbCdEfGh", new string('p', 32));
        var answer = SdpAnswer.Write(TestOffer.Read(), own, new byte[32], 4711, "phone",
            [new(IPAddress.Parse("203.0.113.5"), 30017), new(IPAddress.Parse("2001:db8::5"), 30017)]);
        Assert.Equal($"""
            v=0
            o=- {own.Number >> 1} 2 IN IP4 0.0.0.0
            s=-
            t=0 0
            a=ice-lite
            a=group:BUNDLE 0
            a=msid-semantic:WMS *
            m=video 9 UDP/TLS/RTP/SAVPF 109
            c=IN IP4 0.0.0.0
            a=rtcp:9 IN IP4 0.0.0.0
            a=ice-ufrag:AbCdEfGh
            a=ice-pwd:{new string('p', 32)}
            a=fingerprint:sha-256 {string.Join(':', Enumerable.Repeat("00", 32))}
            a=setup:passive
            a=mid:0
            a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
            a=sendonly
            a=rtcp-mux
            a=rtcp-rsize
            a=rtpmap:109 H264/90000
            a=rtcp-fb:109 nack
            a=rtcp-fb:109 nack pli
            a=rtcp-fb:109 ccm fir
            a=rtcp-fb:109 goog-remb
            a=fmtp:109 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
            a=ssrc:4711 cname:phone
            a=ssrc:4711 msid:phone phone
            a=candidate:1 1 udp 2130706431 203.0.113.5 30017 typ host
            a=candidate:2 1 udp 2130706175 2001:db8::5 30017 typ host
            a=end-of-candidates

            """.ReplaceLineEndings("\r\n"), answer);
    }

    [Theory]
    [InlineData("a=fmtp:109 level-asymmetry-allowed=1;packetization-mode=1", "a=fmtp:109 packetization-mode=0", 103)]
    [InlineData("profile-level-id=42e01f", "profile-level-id=640c1f", 103)]
    [InlineData("profile-level-id=42e01f", "profile-level-id=42E01F", 109)]
    public void The_best_format_is_taken(string from, string to, int payloadType) => Assert.Equal(
        payloadType, SdpOffer.Read(TestOffer.Text().Replace(from, to), out _)!.Format.PayloadType);

    [Theory]
    [InlineData("v=0", "v=1", "not a session description")]
    [InlineData("m=video 9", "x", "not a session description")]
    [InlineData("m=video 9", "m=audio 9", "no video")]
    [InlineData("m=video 9", "m=video 0", "no video")]
    [InlineData("UDP/TLS/RTP/SAVPF", "RTP/AVP", "over RTP/AVP")]
    [InlineData("a=recvonly", "a=sendonly", "does not receive")]
    [InlineData("a=recvonly", "a=inactive", "does not receive")]
    [InlineData("a=rtcp-mux\r\n", "", "rtcp-mux")]
    [InlineData("H264/90000", "H265/90000", "no H.264")]
    [InlineData("packetization-mode=1", "packetization-mode=0", "no H.264")]
    [InlineData("profile-level-id=42", "profile-level-id=64", "no H.264")]
    [InlineData("actpass", "passive", "setup")]
    [InlineData("a=ice-ufrag:Zx9+", "a=ice-ufrag:Z", "ice-ufrag")]
    [InlineData("a=ice-ufrag:Zx9+", "a=ice-ufrag:Zx9+ é", "ice-ufrag")]
    [InlineData("sha-256 00", "sha-256 0g", "fingerprint")]
    [InlineData("sha-256", "sha-1", "fingerprint")]
    [InlineData("a=mid:0", "a=mid:0 a", "can't be read")]
    [InlineData("a=mid:0", "a=mid:\u000b", "not a session description")]
    public void What_can_not_be_done_is_refused_with_its_reason(string from, string to, string reason)
    {
        var text = TestOffer.Text();
        Assert.Contains(from, text);
        Assert.Null(SdpOffer.Read(text.Replace(from, to), out var said));
        Assert.Contains(reason, said);
    }

    [Fact]
    public void Other_media_are_refused_one_by_one_in_their_order()
    {
        var text = TestOffer.Text();
        var medium = text[text.IndexOf("m=video", StringComparison.Ordinal)..];
        var offer = SdpOffer.Read(
            text.Replace("m=video", "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\na=mid:a\r\nm=video")
            + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:data\r\n" + medium.Replace("mid:0", "mid:2"),
            out _)!;
        var lines = SdpAnswer.Write(offer, IceCredentials.New(), new byte[32], 1, "p", []).Split("\r\n");
        Assert.Equal(["m=audio 0 UDP/TLS/RTP/SAVPF 111 0", "m=video 9 UDP/TLS/RTP/SAVPF 109",
            "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
            "m=video 0 UDP/TLS/RTP/SAVPF 96 97 103 104 109 114 39"], lines.Where(l => l.StartsWith("m=")));
        Assert.Equal(["a=mid:a", "a=mid:0", "a=mid:data", "a=mid:2"], lines.Where(l => l.StartsWith("a=mid:")));
        Assert.Equal("a=group:BUNDLE 0", Assert.Single(lines, l => l.StartsWith("a=group:")));
    }

    [Fact]
    public void Long_offers_are_not_read()
    {
        Assert.Null(SdpOffer.Read(TestOffer.Text() + new string('a', SdpLines.MaxLength), out _));
        Assert.Null(SdpOffer.Read(
            TestOffer.Text() + string.Concat(Enumerable.Repeat("m=audio 9 RTP/AVP 0\r\n", SdpLines.MaxMedia)), out _));
    }
}
