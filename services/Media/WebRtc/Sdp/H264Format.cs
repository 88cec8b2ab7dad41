using System.Globalization;

namespace CloudPhone.Media.WebRtc.Sdp;

/// <summary>One way in which a browser takes H.264.</summary>
/// <param name="PayloadType">The browser's number for it.</param>
/// <param name="Profile">Six hexadecimal digits: 42e01f is constrained baseline, level 3.1.</param>
/// <param name="Feedback">What it can tell about it: nack, nack pli, ccm fir, goog-remb,
/// rrtr.</param>
sealed record H264Format(byte PayloadType, string Profile, IReadOnlyList<string> Feedback)
{
    static readonly string[] Understood = ["nack", "nack pli", "ccm fir", "goog-remb", "rrtr"];
    /// <summary>Phones encode constrained baseline; a decoder of plain baseline or main takes it as well.</summary>
    static readonly string[] Profiles = ["42e0", "42c0", "4200", "4d00"];

    /// <summary>The one that fits best; null: there is none with packetization mode 1.</summary>
    public static H264Format? Best(SdpSection medium, IEnumerable<string> payloadTypes) =>
        (from text in payloadTypes
         where byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
             && number is >= 35 and <= 63 or >= 96 and <= 127
         where medium.All("rtpmap").Contains($"{text} H264/90000", StringComparer.OrdinalIgnoreCase)
         let parameters = Parameters(medium, text)
         where parameters.GetValueOrDefault("packetization-mode") == "1"
         let profile = parameters.GetValueOrDefault("profile-level-id", "").ToLowerInvariant()
         let rank = Array.FindIndex(Profiles, p => profile.StartsWith(p, StringComparison.Ordinal))
         where rank >= 0 && profile.Length == 6 && profile.All(char.IsAsciiHexDigit)
         orderby rank
         select new H264Format(byte.Parse(text, CultureInfo.InvariantCulture), profile, FeedbackOf(medium, text)))
        .FirstOrDefault();

    static Dictionary<string, string> Parameters(SdpSection medium, string payloadType)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var line = medium.All("fmtp").FirstOrDefault(f => f.StartsWith($"{payloadType} ", StringComparison.Ordinal));
        foreach (var pair in line?[(payloadType.Length + 1)..].Split(';', StringSplitOptions.TrimEntries) ?? [])
            if (pair.Split('=', 2) is [var name, var value])
                parameters[name] = value;
        return parameters;
    }

    static string[] FeedbackOf(SdpSection medium, string payloadType) =>
        [.. Understood.Where(f =>
            medium.All("rtcp-fb").Any(v => v == $"{payloadType} {f}" || v == $"* {f}"))];
}
