namespace CloudPhone.Media.WebRtc.Srtp;

/// <summary>One direction's master key and salt.</summary>
readonly record struct SrtpKeys(SrtpProfile Profile, byte[] Key, byte[] Salt)
{
    /// <summary>Client's key, server's key, client's salt, server's salt (RFC 5764, 4.2).</summary>
    public static (SrtpKeys Client, SrtpKeys Server) Split(SrtpProfile profile, ReadOnlySpan<byte> material)
    {
        const int Key = SrtpProfiles.KeyLength;
        var salt = profile.SaltLength();
        var salts = material[(2 * Key)..];
        return (new(profile, material[..Key].ToArray(), salts[..salt].ToArray()),
            new(profile, material.Slice(Key, Key).ToArray(), salts.Slice(salt, salt).ToArray()));
    }
}
