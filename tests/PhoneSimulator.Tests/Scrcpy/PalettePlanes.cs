using CloudPhone.PhoneSimulator.Screen;

namespace CloudPhone.PhoneSimulator.Tests.Scrcpy;

/// <summary>What a decoder must have of a picture of the palette's colours: BT.601 of 16 to 235, as its formula has it.
/// </summary>
static class PalettePlanes
{
    public static byte[] Of(Frame frame, int plane) => Of(frame.Pixels, frame.Width, frame.Height, plane);

    public static byte[] Of(byte[] pixels, int width, int height, int plane)
    {
        if (plane == 0)
            return [.. pixels.Select(p => Sample(p, 0))];
        var result = new byte[width / 2 * (height / 2)];
        for (var i = 0; i < result.Length; i++)
        {
            var at = (i / (width / 2) * 2 * width) + (i % (width / 2) * 2);
            var sum = Sample(pixels[at], plane) + Sample(pixels[at + 1], plane)
                + Sample(pixels[at + width], plane) + Sample(pixels[at + width + 1], plane);
            result[i] = (byte)((sum + 2) / 4);
        }
        return result;
    }

    static byte Sample(byte colour, int plane)
    {
        var rgb = Frame.Palette.Slice(colour * 3, 3);
        var (r, g, b) = (rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
        var luma = (0.299 * r) + (0.587 * g) + (0.114 * b);
        return (byte)Math.Floor(0.5 + (plane switch
        {
            0 => 16 + (219 * luma),
            1 => 128 + (224 * (b - luma) / 1.772),
            _ => 128 + (224 * (r - luma) / 1.402),
        }));
    }
}
