using CloudPhone.Media.WebRtc.H264;

namespace CloudPhone.Media.Tests.WebRtc.H264;

public class PacketizerTests
{
    static readonly byte[] Sps = [0x67, 0x42, 0xE0, 0x1F, 1, 2, 3], Pps = [0x68, 0xCE, 4, 5];
    readonly FramePool _pool = new();
    readonly Random _random = new(7);

    [Fact]
    public void Units_of_all_sizes_come_out_as_they_went_in()
    {
        var packetizer = new Packetizer(_pool);
        foreach (var size in Enumerable.Range(2, 40).Concat(Enumerable.Range(1150, 40)).Concat([2325, 2326, 100_000]))
        {
            byte[][] units = [Unit(0x41, size), Unit(0x01, 3), Unit(0x41, size + 7)];
            var frame = packetizer.Cut(Stream(units), TimeSpan.FromSeconds(size))!;
            Assert.False(frame.IsKey);
            Assert.Equal(units, Read(frame));
            frame.Release();
        }
    }

    [Fact]
    public void A_key_frame_begins_with_the_parameter_sets_in_one_packet()
    {
        var packetizer = new Packetizer(_pool);
        Assert.Null(packetizer.Cut(Stream(Sps, Pps), default));
        var idr = Unit(0x65, 5000);
        var frame = packetizer.Cut(Stream([0x09, 0x10], [0x06, 5, 1, 0x80], idr), default)!;
        Assert.True(frame.IsKey);
        Assert.Equal(24, frame[0][0] & 0x1F);
        Assert.Equal([Sps, Pps, idr], Read(frame));
    }

    [Fact]
    public void Parameter_sets_inside_a_picture_are_not_sent_twice()
    {
        var idr = Unit(0x65, 100);
        var frame = new Packetizer(_pool).Cut(Stream(Sps, Pps, idr), default)!;
        Assert.Equal([Sps, Pps, idr], Read(frame));
    }

    [Fact]
    public void Fragments_are_of_equal_size_but_the_last()
    {
        var frame = new Packetizer(_pool).Cut(Stream(Unit(0x41, 10_000)), default)!;
        for (var i = 0; i < frame.Count - 1; i++)
            Assert.Equal(Packetizer.MaxPayload, frame[i].Length);
        Assert.InRange(frame[frame.Count - 1].Length, 3, Packetizer.MaxPayload);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("000001")]
    [InlineData("00000100000001")]
    [InlineData("4142434445")]
    [InlineData("0000010910")]
    [InlineData("000001060001")]
    public void Without_a_picture_there_is_no_frame(string hex) =>
        Assert.Null(new Packetizer(_pool).Cut(Hex.Bytes(hex), default));

    [Fact]
    public void Frames_are_used_again_once_nobody_holds_them()
    {
        var packetizer = new Packetizer(_pool);
        var first = packetizer.Cut(Stream(Unit(0x41, 100)), default)!;
        first.Hold();
        first.Release();
        Assert.NotSame(first, packetizer.Cut(Stream(Unit(0x41, 100)), default));
        first.Release();
        Assert.Same(first, packetizer.Cut(Stream(Unit(0x41, 100)), default));
    }

    [Fact]
    public void The_cache_has_the_latest_key_frame_and_all_that_follows_or_nothing()
    {
        var (packetizer, cache) = (new Packetizer(_pool), new PictureCache());
        void Add(byte header, int size) => cache.Add(packetizer.Cut(Stream(Unit(header, size)), default)!);
        Add(0x41, 10);
        Assert.Empty(cache.Frames); // nothing to build on
        Add(0x65, 10);
        Add(0x41, 10);
        Add(0x41, 10);
        Assert.Equal([true, false, false], cache.Frames.Select(f => f.IsKey));
        Add(0x65, 10);
        Assert.Single(cache.Frames);
        for (var i = 0; i < PictureCache.MaxFrames - 1; i++)
            Add(0x41, 10);
        Assert.Equal(PictureCache.MaxFrames, cache.Frames.Count);
        Add(0x41, 10);
        Assert.Empty(cache.Frames);
        Add(0x41, 10);
        Assert.Empty(cache.Frames);
        Add(0x65, PictureCache.MaxBytes + 1);
        Assert.Single(cache.Frames);
        Add(0x41, 10);
        Assert.Empty(cache.Frames);
    }

    byte[] Unit(byte header, int size)
    {
        var unit = new byte[size];
        for (var i = 1; i < size; i++)
            unit[i] = (byte)_random.Next(1, 256); // no zeros: no start codes, no trailing ones
        unit[0] = header;
        return unit;
    }

    static byte[] Stream(params byte[][] units) =>
        [.. units.SelectMany((u, i) => (byte[])[.. i % 2 == 0 ? (byte[])[0, 0, 0, 1] : [0, 0, 1], .. u])];

    static List<byte[]> Read(Frame frame)
    {
        var reader = new Depacketizer();
        for (var i = 0; i < frame.Count; i++)
        {
            Assert.InRange(frame[i].Length, 1, Packetizer.MaxPayload);
            reader.Add(frame[i]);
        }
        return reader.Units;
    }
}
