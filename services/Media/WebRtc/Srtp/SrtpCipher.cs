namespace CloudPhone.Media.WebRtc.Srtp;

/// <summary>
/// Protects in one direction with session keys. Keeps no count of packets: whoever calls it says each packet's index,
/// so that one is protected again exactly as it was. Not for two threads at once.
/// </summary>
abstract class SrtpCipher : IDisposable
{
    /// <summary>The highest bit of SRTCP's trailer: the packet is encrypted.</summary>
    protected const uint Encrypted = 0x8000_0000;
    protected const int IndexLength = 4, RtcpHeaderLength = 8, SsrcAt = 8, RtcpSsrcAt = 4;

    public static SrtpCipher Create(SrtpKeys master) =>
        master.Profile == SrtpProfile.AeadAes128Gcm ? new GcmCipher(master) : new CounterCipher(master);

    /// <summary>By how much a packet grows.</summary>
    public abstract int Tag { get; }

    /// <param name="packet">Begins with the header, and has room for the rest.</param>
    /// <param name="index">48 bits: how often the sequence number has wrapped, and itself.</param>
    /// <returns>The length of the protected packet.</returns>
    public abstract int ProtectRtp(Span<byte> packet, int headerLength, ReadOnlySpan<byte> payload, long index);

    /// <param name="packet">A compound packet of that length, with room behind it.</param>
    /// <param name="index">31 bits, one higher each time.</param>
    public abstract int ProtectRtcp(Span<byte> packet, int length, uint index);

    /// <param name="plain">At least as long as the packet.</param>
    /// <returns>The length of the plain packet; -1: it is forged or damaged.</returns>
    public abstract int UnprotectRtcp(ReadOnlySpan<byte> packet, Span<byte> plain, out uint index);

    public abstract void Dispose();
}
