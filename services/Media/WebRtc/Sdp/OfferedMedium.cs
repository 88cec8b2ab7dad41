namespace CloudPhone.Media.WebRtc.Sdp;

/// <summary>One line "m=" of an offer.</summary>
/// <param name="Mid">Its name; null: it has none.</param>
/// <param name="IsRefused">Its port is 0, and it is not in a bundle.</param>
sealed record OfferedMedium(
    string Kind, string Protocol, IReadOnlyList<string> Formats, string? Mid, bool IsRefused)
{
    const int MaxFormats = 200;

    public static OfferedMedium? Read(SdpSection section)
    {
        if (section.Medium?.Split(' ') is not [var kind, var port, var protocol, .. { Length: > 0 } formats]
            || formats.Length > MaxFormats || section.Medium.Split(' ').Any(p => !SdpOffer.IsPlain(p)))
            return null;
        var mid = section.First("mid");
        return mid is not null && !SdpOffer.IsPlain(mid)
            ? null : new(kind, protocol, formats, mid, port == "0" && !section.Has("bundle-only"));
    }
}
