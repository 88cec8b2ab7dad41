namespace CloudPhone.Media.WebRtc.H264;

/// <summary>Kinds of NAL units that are treated differently.</summary>
enum NalUnit
{
    Slice = 1,
    IdrSlice = 5,
    Sei = 6,
    Sps = 7,
    Pps = 8,
    Delimiter = 9,
    Filler = 12,
}

static class NalUnits
{
    public static NalUnit KindOf(ReadOnlySpan<byte> unit) => (NalUnit)(unit[0] & 0x1F);
}
