using CloudPhone.PhoneSimulator.Screen;

namespace CloudPhone.PhoneSimulator.Scrcpy.H264;

/// <summary>The palette as video has it: BT.601, limited range.</summary>
static class Colours
{
    public static readonly byte[] Luma = Table((_, _, luma) => 16 + (219 * luma));
    public static readonly byte[] Blue = Table((_, blue, luma) => 128 + (224 * (blue - luma) / 1.772));
    public static readonly byte[] Red = Table((red, _, luma) => 128 + (224 * (red - luma) / 1.402));

    static byte[] Table(Func<double, double, double, double> value)
    {
        var palette = Frame.Palette;
        var table = new byte[palette.Length / 3];
        for (var i = 0; i < table.Length; i++)
        {
            var (r, g, b) = (palette[i * 3] / 255.0, palette[(i * 3) + 1] / 255.0, palette[(i * 3) + 2] / 255.0);
            table[i] = (byte)Math.Floor(0.5 + value(r, b, (0.299 * r) + (0.587 * g) + (0.114 * b)));
        }
        return table;
    }
}
