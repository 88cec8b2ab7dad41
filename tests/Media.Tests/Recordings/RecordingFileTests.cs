using CloudPhone.Media.Recordings;
using CloudPhone.Media.Screens;
using CloudPhone.Media.Tests.WebRtc;
using CloudPhone.Media.WebRtc.H264;

namespace CloudPhone.Media.Tests.Recordings;

/// <summary>The boxes of what is written.</summary>
public sealed class RecordingFileTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("cloudphone-film-").FullName;
    readonly Packetizer _packetizer = new(new());
    readonly List<byte[]> _slices = [];
    readonly RecordingFile _file;

    public RecordingFileTests() => _file = new(Path);

    string Path => System.IO.Path.Combine(_folder, "film.mp4");

    [Fact]
    public void All_pictures_are_there_with_their_times()
    {
        for (var i = 0; i < 75; i++)
            Add(i % 30 == 0 ? 20_000 : 300, i % 30 == 0, 7 + (i / 30.0));
        _file.Flush(TimeSpan.FromSeconds(10));
        _file.Finish();
        var bytes = File.ReadAllBytes(Path);
        Assert.Equal(_file.Length, bytes.Length);
        var boxes = Box.Read(bytes);
        Assert.Equal(["ftyp", "moov", "moof", "mdat", "moof", "mdat", "moof", "mdat"], boxes.Select(b => b.Type));
        var moov = boxes[1];
        foreach (var (path, at) in new[] { ("mvhd", 24), ("trak/tkhd", 28), ("trak/mdia/mdhd", 24), ("mvex/mehd", 4) })
            Assert.Equal(3 * 90_000, moov[path].U64(at));
        Assert.Equal((720u << 16, 1280u << 16), (moov["trak/tkhd"].U32(88), moov["trak/tkhd"].U32(92)));
        var entry = moov["trak/mdia/minf/stbl/stsd"].Body[8..];
        Assert.Equal("avc3", Assert.Single(Box.Read(entry)).Type);
        var configuration = Assert.Single(Box.Read(entry.AsSpan(86)));
        byte[] expected = [1, 0x42, 0xE0, 0x1F, 0xFF, 0xE1, 0, 7, .. TestPictures.Sps, 1, 0, 4, .. TestPictures.Pps];
        Assert.Equal(("avcC", Convert.ToHexString(expected)),
            (configuration.Type, Convert.ToHexString(configuration.Body)));

        var samples = Sample.Of(bytes);
        Assert.Equal(_slices, samples.Select(s => s.Units()[^1]));
        Assert.All(samples.Where(s => s.IsKey),
            s => Assert.Equal([TestPictures.Sps, TestPictures.Pps], s.Units()[..2]));
        Assert.Equal(Enumerable.Range(0, 75).Select(i => i * 3000L), samples.Select(s => s.Time));
        Assert.Equal(Enumerable.Range(0, 75).Where(i => i % 30 == 0),
            samples.Index().Where(s => s.Item.IsKey).Select(s => s.Index));
        Assert.Equal(3 * 90_000, samples[^1].Time + samples[^1].Duration);
    }

    [Fact]
    public void A_still_picture_is_seen_for_as_long_as_it_was()
    {
        Add(500, true, 0);
        for (var s = 1; s <= 20; s++)
        {
            _file.Flush(TimeSpan.FromSeconds(s));
            Assert.Equal((uint)s * 90_000, Assert.Single(Sample.Of(File.ReadAllBytes(Path))).Duration);
        }
        Add(300, false, 20.5);
        _file.Flush(TimeSpan.FromSeconds(21));
        Assert.Equal([20.5 * 90_000, 0.5 * 90_000], Sample.Of(File.ReadAllBytes(Path)).Select(s => (double)s.Duration));
        Assert.Equal(TimeSpan.FromSeconds(21), _file.Duration);
    }

    [Fact]
    public void What_a_process_that_dies_has_written_plays()
    {
        Add(500, true, 0);
        for (var i = 1; i < 100; i++)
            Add(300, false, i / 30.0);
        // not flushed, not finished
        Assert.Equal(90, Sample.Of(File.ReadAllBytes(Path)).Count);
    }

    [Fact]
    public void A_full_disk_is_called_so()
    {
        using var full = new RecordingFile("/dev/full");
        var frame = _packetizer.Cut(TestPictures.Unit(TestPictures.Slice(10, true, 1)), default)!;
        var e = Assert.Throws<IOException>(() => full.Add(frame, new(720, 1280)));
        Assert.Equal(("disk-full", 0), (StopReasons.Of(e), full.Length));
        Assert.Equal("disk-failed", StopReasons.Of(new IOException("broken")));
    }

    void Add(int length, bool key, double seconds)
    {
        var slice = TestPictures.Slice(length, key, _slices.Count);
        _slices.Add(slice);
        var frame = _packetizer.Cut(TestPictures.Unit(slice), TimeSpan.FromSeconds(seconds))!;
        _file.Add(frame, new VideoSize(720, 1280));
        frame.Release();
    }

    public void Dispose()
    {
        _file.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
