using CloudPhone.PhoneSimulator.Screen;

namespace CloudPhone.PhoneSimulator.Scrcpy.H264;

/// <summary>A frame's brightness and colours, filled up to whole macroblocks. Nothing is lost on the way to a decoder,
/// so it is at the same time what the decoder has.</summary>
sealed class Picture
{
    public Picture(int width, int height)
    {
        (Wide, High) = (ParameterSets.Blocks(width), ParameterSets.Blocks(height));
        Luma = new(Wide * 16, High * 16);
        Blue = new(Wide * 8, High * 8);
        Red = new(Wide * 8, High * 8);
    }

    /// <summary>Macroblocks.</summary>
    public int Wide { get; }
    public int High { get; }
    public Plane Luma { get; }
    public Plane Blue { get; }
    public Plane Red { get; }

    /// <summary>Takes one macroblock of the frame.</summary>
    public void Take(Frame frame, int column, int row)
    {
        Span<byte> colours = stackalloc byte[256];
        for (var y = 0; y < 16; y++)
        {
            // what is outside of the frame is cut off again, and cheapest as its edge
            var line = frame.Pixels.AsSpan(Math.Min((row * 16) + y, frame.Height - 1) * frame.Width, frame.Width);
            var target = Luma.Row((row * 16) + y).Slice(column * 16, 16);
            for (var x = 0; x < 16; x++)
            {
                var colour = line[Math.Min((column * 16) + x, line.Length - 1)];
                colours[(y * 16) + x] = colour;
                target[x] = Colours.Luma[colour];
            }
        }
        Average(colours, Colours.Blue, Blue, column, row);
        Average(colours, Colours.Red, Red, column, row);
    }

    static void Average(ReadOnlySpan<byte> colours, byte[] table, Plane plane, int column, int row)
    {
        for (var y = 0; y < 8; y++)
        {
            var target = plane.Row((row * 8) + y).Slice(column * 8, 8);
            for (var x = 0; x < 8; x++)
            {
                var at = colours[((y * 32) + (x * 2))..];
                target[x] = (byte)((table[at[0]] + table[at[1]] + table[at[16]] + table[at[17]] + 2) >> 2);
            }
        }
    }
}

/// <summary>Samples of one kind.</summary>
sealed class Plane(int width, int height)
{
    readonly byte[] _samples = new byte[width * height];

    public Span<byte> Row(int y) => _samples.AsSpan(y * width, width);

    /// <summary>Whether every row of the block is like the sample left of it.</summary>
    public bool IsLikeLeft(int x, int y, int size)
    {
        if (x == 0)
            return false;
        for (var row = y; row < y + size; row++)
        {
            var line = Row(row).Slice(x - 1, size + 1);
            if (line[1..].ContainsAnyExcept(line[0]))
                return false;
        }
        return true;
    }

    /// <summary>Whether every row of the block is like the one above it.</summary>
    public bool IsLikeAbove(int x, int y, int size)
    {
        if (y == 0)
            return false;
        var above = Row(y - 1).Slice(x, size);
        for (var row = y; row < y + size; row++)
        {
            if (!Row(row).Slice(x, size).SequenceEqual(above))
                return false;
        }
        return true;
    }
}
