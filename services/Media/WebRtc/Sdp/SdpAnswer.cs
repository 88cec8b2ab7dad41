using System.Globalization;
using System.Net;
using System.Text;
using CloudPhone.Media.WebRtc.Ice;
using CloudPhone.Media.WebRtc.Rtp;

namespace CloudPhone.Media.WebRtc.Sdp;

/// <summary>The answer of a lite agent that sends one picture and waits for the handshake.</summary>
static class SdpAnswer
{
    const uint HostPriority = 126u << 24, Component = 255;
    const uint FirstPreference = ushort.MaxValue;

    /// <param name="candidates">Where the browser finds us, the best first.</param>
    public static string Write(
        SdpOffer offer, IceCredentials own, byte[] fingerprint, uint ssrc, string name,
        IReadOnlyList<IPEndPoint> candidates)
    {
        var text = new StringBuilder();
        text.Line($"v=0").Line($"o=- {own.Number >> 1} 2 IN IP4 0.0.0.0").Line($"s=-").Line($"t=0 0")
            .Line($"a=ice-lite");
        if (offer.Media[offer.Video].Mid is { } bundled)
            text.Line($"a=group:BUNDLE {bundled}");
        text.Line($"a=msid-semantic:WMS *");
        for (var i = 0; i < offer.Media.Count; i++)
            if (i == offer.Video)
                WriteVideo(text, offer, own, fingerprint, ssrc, name, candidates);
            else
                WriteRefusal(text, offer.Media[i]);
        return text.ToString();
    }

    static void WriteVideo(
        StringBuilder text, SdpOffer offer, IceCredentials own, byte[] fingerprint, uint ssrc, string name,
        IReadOnlyList<IPEndPoint> candidates)
    {
        var pt = offer.Format.PayloadType;
        text.Line($"m=video 9 UDP/TLS/RTP/SAVPF {pt}").Line($"c=IN IP4 0.0.0.0").Line($"a=rtcp:9 IN IP4 0.0.0.0")
            .Line($"a=ice-ufrag:{own.Ufrag}").Line($"a=ice-pwd:{own.Password}")
            .Line($"a=fingerprint:sha-256 {BitConverter.ToString(fingerprint).Replace('-', ':')}")
            .Line($"a=setup:passive");
        if (offer.Media[offer.Video].Mid is { } mid)
            text.Line($"a=mid:{mid}");
        if (offer.PlayoutDelay > 0)
            text.Line($"a=extmap:{offer.PlayoutDelay} {RtpHeader.PlayoutDelay}");
        text.Line($"a=sendonly").Line($"a=rtcp-mux").Line($"a=rtcp-rsize").Line($"a=rtpmap:{pt} H264/90000");
        foreach (var feedback in offer.Format.Feedback)
            text.Line($"a=rtcp-fb:{pt} {feedback}");
        text.Line($"a=fmtp:{pt} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={offer.Format.Profile}")
            .Line($"a=ssrc:{ssrc} cname:{name}").Line($"a=ssrc:{ssrc} msid:{name} {name}");
        for (var i = 0; i < candidates.Count; i++)
        {
            var priority = HostPriority | ((FirstPreference - (uint)i) << 8) | Component;
            text.Line($"a=candidate:{i + 1} 1 udp {priority} {candidates[i].Address} {candidates[i].Port} typ host");
        }
        text.Line($"a=end-of-candidates");
    }

    static void WriteRefusal(StringBuilder text, OfferedMedium medium)
    {
        text.Line($"m={medium.Kind} 0 {medium.Protocol} {string.Join(' ', medium.Formats)}").Line($"c=IN IP4 0.0.0.0");
        if (medium.Mid is { } mid)
            text.Line($"a=mid:{mid}");
        text.Line($"a=inactive");
    }

    static StringBuilder Line(this StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append("\r\n");
}
