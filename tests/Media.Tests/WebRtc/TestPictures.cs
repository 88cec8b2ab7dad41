namespace CloudPhone.Media.Tests.WebRtc;

/// <summary>Access units that are well-formed, though no decoder would see a picture in them.</summary>
static class TestPictures
{
    public static readonly byte[] Sps = [0x67, 0x42, 0xE0, 0x1F, 1, 2, 3], Pps = [0x68, 0xCE, 0x3C, 0x80];

    /// <param name="length">Of the slice.</param>
    public static byte[] Slice(int length, bool key, int seed)
    {
        var slice = new byte[length];
        var random = new Random(seed);
        for (var i = 1; i < length; i++)
            slice[i] = (byte)random.Next(1, 256); // no zero, so nothing that looks like a start code
        slice[0] = (byte)(key ? 0x65 : 0x41);
        return slice;
    }

    /// <summary>In Annex B; a key picture has its parameter sets before it.</summary>
    public static byte[] Unit(byte[] slice) => slice[0] == 0x65
        ? [0, 0, 0, 1, .. Sps, 0, 0, 0, 1, .. Pps, 0, 0, 0, 1, .. slice] : [0, 0, 0, 1, .. slice];
}
