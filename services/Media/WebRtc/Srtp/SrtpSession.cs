namespace CloudPhone.Media.WebRtc.Srtp;

/// <summary>What a server does with the keys of one session: it sends media and reports, and takes reports.</summary>
sealed class SrtpSession(SrtpProfile profile, SrtpKeys own, SrtpKeys remote) : IDisposable
{
    readonly SrtpCipher _out = SrtpCipher.Create(own);
    readonly SrtpCipher _in = SrtpCipher.Create(remote);
    ReplayWindow _window;
    uint _reports;

    /// <param name="material">As the handshake has exported it.</param>
    public static SrtpSession ForServer(SrtpProfile profile, ReadOnlySpan<byte> material)
    {
        var (client, server) = SrtpKeys.Split(profile, material);
        return new(profile, server, client);
    }

    public SrtpProfile Profile => profile;

    /// <summary>The cipher for media: its index is the sender's to know.</summary>
    public SrtpCipher Media => _out;

    /// <returns>The length of the protected packet.</returns>
    public int ProtectRtcp(Span<byte> packet, int length) =>
        _out.ProtectRtcp(packet, length, ++_reports & 0x7FFF_FFFF);

    /// <returns>The length of the plain packet; -1: it is forged, damaged, or was here before.</returns>
    public int UnprotectRtcp(ReadOnlySpan<byte> packet, Span<byte> plain)
    {
        var length = _in.UnprotectRtcp(packet, plain, out var index);
        return length >= 0 && _window.Accept(index) ? length : -1;
    }

    public void Dispose()
    {
        _out.Dispose();
        _in.Dispose();
    }
}
