namespace CloudPhone.PhoneSimulator.Screen;

/// <summary>A picture of few colours, one byte per pixel.</summary>
sealed class Frame(int width, int height)
{
    /// <summary>Red, green and blue of each colour: black, white, wallpaper, bar, grey, then the apps'.</summary>
    public static ReadOnlySpan<byte> Palette =>
    [
        0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0x1b, 0x3a, 0x5c, 0x10, 0x22, 0x38, 0x9a, 0xa5, 0xb1,
        0xe5, 0x39, 0x35, 0xfb, 0x8c, 0x00, 0x43, 0xa0, 0x47, 0x1e, 0x88, 0xe5, 0x8e, 0x24, 0xaa, 0x00, 0x89, 0x7b,
    ];

    public const byte Black = 0, White = 1, Wallpaper = 2, Bar = 3, Grey = 4, FirstApp = 5;
    public const int AppColours = 6;

    public int Width => width;
    public int Height => height;
    public byte[] Pixels { get; } = new byte[width * height];

    public void Fill(int x, int y, int w, int h, byte colour)
    {
        var (left, right) = (Math.Clamp(x, 0, width), Math.Clamp(x + w, 0, width));
        for (var row = Math.Clamp(y, 0, height); row < Math.Clamp(y + h, 0, height); row++)
            Pixels.AsSpan((row * width) + left, right - left).Fill(colour);
    }

    public void Text(int x, int y, int scale, string text, byte colour)
    {
        foreach (var c in text)
        {
            var glyph = Font.Glyph(c);
            for (var column = 0; column < glyph.Length; column++)
            {
                for (var row = 0; row < 8; row++)
                {
                    if ((glyph[column] >> row & 1) != 0)
                        Fill(x + (column * scale), y + (row * scale), scale, scale, colour);
                }
            }
            x += (Font.Width + 1) * scale;
        }
    }

    /// <summary>Takes the other one, smaller or larger: of each of its pixels the nearest.</summary>
    public void Scale(Frame other)
    {
        if (other.Width == width && other.Height == height)
        {
            other.Pixels.CopyTo(Pixels, 0);
            return;
        }
        for (var y = 0; y < height; y++)
        {
            var source = other.Pixels.AsSpan(y * other.Height / height * other.Width, other.Width);
            var target = Pixels.AsSpan(y * width, width);
            for (var x = 0; x < width; x++)
                target[x] = source[x * other.Width / width];
        }
    }
}
