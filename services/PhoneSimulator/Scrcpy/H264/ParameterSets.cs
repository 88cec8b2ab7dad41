namespace CloudPhone.PhoneSimulator.Scrcpy.H264;

/// <summary>What a decoder must know before the first picture: constrained baseline, no picture out of order.</summary>
static class ParameterSets
{
    const int Sequence = 7, Picture = 8;
    const int Important = 3;
    const uint Baseline = 66;
    /// <summary>It is baseline, fit for main profile and for extended: constrained baseline.</summary>
    const uint Constraints = 0xe0;
    public const int FrameNumberBits = 8;
    /// <summary>BT.601, as software assumes it where nothing is said.</summary>
    const uint Smpte170M = 6, AnyFormat = 5;

    /// <summary>Level, macroblocks of a second and of a picture that it allows (H.264 table A-1).</summary>
    static readonly (uint Level, int PerSecond, int PerPicture)[] Levels =
    [
        (10, 1485, 99), (11, 3000, 396), (12, 6000, 396), (13, 11880, 396), (21, 19800, 792), (22, 20250, 1620),
        (30, 40500, 1620), (31, 108_000, 3600), (32, 216_000, 5120), (40, 245_760, 8192), (42, 522_240, 8704),
        (50, 589_824, 22_080), (51, 983_040, 36_864), (52, 2_073_600, 36_864), (60, 4_177_920, 139_264),
    ];

    public static void Write(NalWriter nal, int width, int height, int fps)
    {
        WriteSequence(nal, width, height, fps);
        WritePicture(nal);
    }

    static void WriteSequence(NalWriter nal, int width, int height, int fps)
    {
        var (wide, high) = (Blocks(width), Blocks(height));
        nal.Begin(Important, Sequence);
        nal.Bits(Baseline, 8);
        nal.Bits(Constraints, 8);
        nal.Bits(Level(wide, high, fps), 8);
        nal.Unsigned(0); // its number
        nal.Unsigned(FrameNumberBits - 4);
        nal.Unsigned(2); // pictures are shown in the order in which they come
        nal.Unsigned(1); // one reference picture
        nal.Flag(false); // no gaps in frame numbers
        nal.Unsigned((uint)wide - 1);
        nal.Unsigned((uint)high - 1);
        nal.Flag(true); // frames, no fields
        nal.Flag(true); // direct 8x8 inference, which nothing here uses
        var isCropped = wide * 16 != width || high * 16 != height;
        nal.Flag(isCropped);
        if (isCropped)
        {
            // in steps of two pixels, because of the colours
            nal.Unsigned(0);
            nal.Unsigned((uint)((wide * 16) - width) / 2);
            nal.Unsigned(0);
            nal.Unsigned((uint)((high * 16) - height) / 2);
        }
        nal.Flag(true);
        WriteUsability(nal);
        nal.End();
    }

    /// <summary>Colours; and that a decoder need not hold any picture back, which takes a frame's time off the delay.
    /// </summary>
    static void WriteUsability(NalWriter nal)
    {
        nal.Flag(false); // aspect ratio
        nal.Flag(false); // overscan
        nal.Flag(true);
        nal.Bits(AnyFormat, 3);
        nal.Flag(false); // limited range
        nal.Flag(true);
        for (var i = 0; i < 3; i++)
            nal.Bits(Smpte170M, 8);
        nal.Flag(false); // where colour samples lie
        nal.Flag(false); // timing
        nal.Flag(false); // NAL HRD
        nal.Flag(false); // VCL HRD
        nal.Flag(false); // pic_struct
        nal.Flag(true);
        nal.Flag(true); // motion vectors may lead over the edges
        nal.Unsigned(0); // bytes of a picture: no limit
        nal.Unsigned(0); // bits of a macroblock: no limit
        nal.Unsigned(0);
        nal.Unsigned(0);
        nal.Unsigned(0); // none is reordered
        nal.Unsigned(1); // one is kept
    }

    static void WritePicture(NalWriter nal)
    {
        nal.Begin(Important, Picture);
        nal.Unsigned(0); // its number
        nal.Unsigned(0); // the sequence's
        nal.Flag(false); // CAVLC
        nal.Flag(false); // no order of fields
        nal.Unsigned(0); // one slice group
        nal.Unsigned(0);
        nal.Unsigned(0);
        nal.Flag(false); // no weights
        nal.Bits(0, 2);
        nal.Signed(0);
        nal.Signed(0);
        nal.Signed(0);
        nal.Flag(true); // slices switch the deblocking filter off
        nal.Flag(false); // what did not change may predict what did
        nal.Flag(false);
        nal.End();
    }

    public static int Blocks(int pixels) => (pixels + 15) / 16;

    static uint Level(int wide, int high, int fps)
    {
        var size = wide * high;
        foreach (var (level, perSecond, perPicture) in Levels)
        {
            var side = (int)Math.Sqrt(8.0 * perPicture);
            if (size <= perPicture && size * fps <= perSecond && wide <= side && high <= side)
                return level;
        }
        return 62;
    }
}
