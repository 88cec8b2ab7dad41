using System.Globalization;
using CloudPhone.Media.WebRtc.Rtp;

namespace CloudPhone.Media.WebRtc.Sdp;

/// <summary>What a browser offers, as far as a sender of one picture needs it.</summary>
/// <param name="Media">All media in their order: the answer names each, and takes one.</param>
/// <param name="Video">Which one is the picture.</param>
/// <param name="Fingerprint">Of the certificate that the browser will show: SHA-256.</param>
/// <param name="PlayoutDelay">Its id of that extension; 0: it has none.</param>
sealed record SdpOffer(
    IReadOnlyList<OfferedMedium> Media, int Video, H264Format Format, string Ufrag, byte[] Fingerprint,
    int PlayoutDelay)
{
    const string Protocol = "UDP/TLS/RTP/SAVPF";
    const int MaxUfrag = 256, MaxMid = 64, HashLength = 32;

    /// <param name="reason">Why not, as one sentence for whoever sent it.</param>
    public static SdpOffer? Read(string text, out string reason)
    {
        reason = "";
        if (SdpLines.Read(text) is not [var session, .. var media] || media.Count == 0)
            return Refuse("The offer is not a session description with media.", out reason);
        var offered = media.Select(OfferedMedium.Read).ToList();
        if (offered.Any(m => m is null))
            return Refuse("A medium of the offer can't be read.", out reason);
        var index = offered.FindIndex(m => m is { Kind: "video", IsRefused: false });
        if (index < 0)
            return Refuse("The offer has no video.", out reason);
        var (section, video) = (media[index], offered[index]!);
        if (video.Protocol != Protocol)
            return Refuse($"The video is offered over {video.Protocol}; only {Protocol} is answered.", out reason);
        if (section.Has("sendonly") || section.Has("inactive"))
            return Refuse("The offer does not receive video.", out reason);
        if (!section.Has("rtcp-mux"))
            return Refuse("The offer has no rtcp-mux.", out reason);
        if (H264Format.Best(section, video.Formats) is not { } format)
            return Refuse("The offer has no H.264 baseline with packetization-mode=1.", out reason);
        if ((section.First("setup") ?? session.First("setup")) is not ("actpass" or "active"))
            return Refuse(
                "The offer must let the answerer wait for the handshake: setup actpass or active.", out reason);
        var ufrag = section.First("ice-ufrag") ?? session.First("ice-ufrag");
        if (ufrag is not { Length: >= 4 and <= MaxUfrag } || !ufrag.All(IsIceCharacter))
            return Refuse("The offer has no valid ice-ufrag.", out reason);
        if (FingerprintOf(section) is { Length: > 0 } own)
            return new(offered!, index, format, ufrag, own, PlayoutDelayOf(section));
        return FingerprintOf(session) is { Length: > 0 } common
            ? new(offered!, index, format, ufrag, common, PlayoutDelayOf(section))
            : Refuse("The offer has no sha-256 fingerprint.", out reason);
    }

    static byte[] FingerprintOf(SdpSection section)
    {
        const string Hash = "sha-256 ";
        var text = section.All("fingerprint")
            .FirstOrDefault(f => f.StartsWith(Hash, StringComparison.OrdinalIgnoreCase))?[Hash.Length..];
        if (text is not { Length: 3 * HashLength - 1 })
            return [];
        var bytes = new byte[HashLength];
        for (var i = 0; i < HashLength; i++)
            if ((i > 0 && text[3 * i - 1] != ':') || !byte.TryParse(
                text.AsSpan(3 * i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[i]))
                return [];
        return bytes;
    }

    static int PlayoutDelayOf(SdpSection section)
    {
        foreach (var extension in section.All("extmap"))
            // an id above 14 needs the longer form of extensions
            if (extension.Split(' ') is [var id, RtpHeader.PlayoutDelay, ..]
                && int.TryParse(id.Split('/')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number is >= 1 and <= 14)
                return number;
        return 0;
    }

    static bool IsIceCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '+' or '/';

    static SdpOffer? Refuse(string why, out string reason)
    {
        reason = why;
        return null;
    }

    /// <summary>Its names go into the answer: only short and plain ones are taken.</summary>
    internal static bool IsPlain(string text) =>
        text.Length is >= 1 and <= MaxMid && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
