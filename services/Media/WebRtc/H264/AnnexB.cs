namespace CloudPhone.Media.WebRtc.H264;

/// <summary>Takes a stream of NAL units apart that are divided by start codes (H.264, annex B).</summary>
static class AnnexB
{
    static ReadOnlySpan<byte> StartCode => [0, 0, 1];

    /// <param name="rest">What has not been read; the first call has the whole access unit.</param>
    /// <param name="unit">Without its start code and the zeros behind it; never empty.</param>
    public static bool TryNext(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> unit)
    {
        while (rest.IndexOf(StartCode) is >= 0 and var start)
        {
            rest = rest[(start + StartCode.Length)..];
            var end = rest.IndexOf(StartCode);
            unit = (end < 0 ? rest : rest[..end]).TrimEnd((byte)0);
            rest = end < 0 ? [] : rest[end..];
            if (!unit.IsEmpty)
                return true;
        }
        unit = default;
        return false;
    }
}
