using CloudPhone.PhoneSimulator.Screen;
using CloudPhone.PhoneSimulator.Scrcpy.H264;

namespace CloudPhone.PhoneSimulator.Tests.Scrcpy;

/// <summary>What comes out of a decoder is what went into the encoder, sample by sample.</summary>
public sealed class EncoderTests
{
    [Theory]
    [InlineData(720, 1280, 30, 31)]
    [InlineData(720, 1280, 60, 32)]
    [InlineData(160, 160, 30, 11)]
    [InlineData(160, 160, 60, 12)]
    [InlineData(1080, 1920, 30, 40)]
    [InlineData(4096, 4096, 60, 60)]
    [InlineData(162, 250, 15, 11)]
    public void Parameter_sets_say_size_and_level(int width, int height, int fps, uint level)
    {
        var nal = new NalWriter();
        new ScreenEncoder(nal, width, height, fps).WriteConfig();
        var decoder = new TinyDecoder();
        Assert.Equal([7, 8], decoder.Decode(nal.Written.Span));
        Assert.Equal((width, height, level), (decoder.Width, decoder.Height, decoder.LevelNumber));
    }

    [Fact]
    public void Whatever_is_drawn_comes_out_as_it_was()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var frame = new Frame(2 * random.Next(1, 70), 2 * random.Next(1, 70));
            var nal = new NalWriter();
            var encoder = new ScreenEncoder(nal, frame.Width, frame.Height, 30);
            var decoder = new TinyDecoder();
            encoder.WriteConfig();
            encoder.WriteKey(frame);
            decoder.Decode(nal.Written.Span);
            for (var i = 0; i < 12; i++)
            {
                Scribble(frame, random);
                nal.Clear();
                if (random.Next(6) == 0)
                    encoder.WriteKey(frame);
                else
                    encoder.WriteChange(frame);
                Assert.False(encoder.HasChanged(frame));
                decoder.Decode(nal.Written.Span);
                Compare(frame, decoder, $"seed {seed}, picture {i}");
            }
            Assert.Equal(13, decoder.Pictures);
        }
    }

    [Fact]
    public void More_pictures_than_there_are_frame_numbers()
    {
        var frame = new Frame(32, 32);
        var nal = new NalWriter();
        var encoder = new ScreenEncoder(nal, 32, 32, 30);
        encoder.WriteConfig();
        encoder.WriteKey(frame);
        for (var i = 0; i < 600; i++)
        {
            frame.Fill(i % 32, i / 32, 1, 1, Frame.White);
            encoder.WriteChange(frame);
        }
        var decoder = new TinyDecoder();
        decoder.Decode(nal.Written.Span);
        Compare(frame, decoder, "the last");
        Assert.Equal(601, decoder.Pictures);
    }

    [Fact]
    public void What_did_not_change_costs_nearly_nothing()
    {
        var frame = new Frame(720, 1280);
        frame.Fill(0, 0, 720, 1280, Frame.Wallpaper);
        frame.Text(100, 100, 3, "CloudPhone", Frame.White);
        var nal = new NalWriter();
        var encoder = new ScreenEncoder(nal, 720, 1280, 30);
        encoder.WriteKey(frame);
        Assert.InRange(nal.Length, 1000, 40_000);
        nal.Clear();
        encoder.WriteChange(frame);
        Assert.InRange(nal.Length, 1, 20);
        nal.Clear();
        frame.Fill(33, 65, 2, 2, Frame.White); // within one macroblock
        encoder.WriteChange(frame);
        Assert.InRange(nal.Length, 384, 420);
    }

    [Fact]
    public void A_frame_is_scaled_to_the_nearest_pixels()
    {
        var large = new Frame(4, 4);
        large.Fill(2, 0, 2, 2, Frame.White);
        large.Fill(0, 2, 2, 2, Frame.Grey);
        var small = new Frame(2, 2);
        small.Scale(large);
        Assert.Equal([Frame.Black, Frame.White, Frame.Grey, Frame.Black], small.Pixels);
        var same = new Frame(4, 4);
        same.Scale(large);
        Assert.Equal(large.Pixels, same.Pixels);
    }

    static void Scribble(Frame frame, Random random)
    {
        for (var i = random.Next(4); i > 0; i--)
        {
            var colour = (byte)random.Next(Frame.Palette.Length / 3);
            var (x, y) = (random.Next(-10, frame.Width), random.Next(-10, frame.Height));
            if (random.Next(3) == 0)
                frame.Text(x, y, 1, "a;W", colour);
            else
                frame.Fill(x, y, random.Next(60), random.Next(60), colour);
        }
    }

    static void Compare(Frame frame, TinyDecoder decoder, string which)
    {
        Assert.Equal((frame.Width, frame.Height), (decoder.Width, decoder.Height));
        for (var plane = 0; plane < 3; plane++)
            Assert.True(PalettePlanes.Of(frame, plane).AsSpan().SequenceEqual(decoder.Plane(plane)), which);
    }
}
