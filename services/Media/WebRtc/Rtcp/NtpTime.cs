namespace CloudPhone.Media.WebRtc.Rtcp;

/// <summary>Seconds since 1900 in the upper half, their fraction in the lower one.</summary>
static class NtpTime
{
    static readonly DateTimeOffset Start = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static ulong Of(DateTimeOffset time)
    {
        var ticks = (UInt128)(time - Start).Ticks;
        return unchecked((ulong)((ticks << 32) / TimeSpan.TicksPerSecond));
    }
}
