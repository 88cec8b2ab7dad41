namespace CloudPhone.Media.WebRtc.Srtp;

/// <summary>Protection profiles by their numbers in use_srtp (RFC 5764, RFC 7714).</summary>
enum SrtpProfile
{
    AesCm128HmacSha1 = 0x0001,
    AeadAes128Gcm = 0x0007,
}

static class SrtpProfiles
{
    public const int KeyLength = 16;

    /// <summary>GCM costs a fifth of the other.</summary>
    public static readonly SrtpProfile[] Preferred = [SrtpProfile.AeadAes128Gcm, SrtpProfile.AesCm128HmacSha1];

    public static int SaltLength(this SrtpProfile profile) => profile == SrtpProfile.AeadAes128Gcm ? 12 : 14;

    /// <summary>What the handshake has to export: two keys and two salts.</summary>
    public static int MaterialLength(this SrtpProfile profile) => 2 * (KeyLength + profile.SaltLength());
}
