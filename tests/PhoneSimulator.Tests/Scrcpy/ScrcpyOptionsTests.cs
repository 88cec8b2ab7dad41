using CloudPhone.PhoneSimulator.Scrcpy;

namespace CloudPhone.PhoneSimulator.Tests.Scrcpy;

public sealed class ScrcpyOptionsTests
{
    static ScrcpyOptions Parse(string line) =>
        ScrcpyOptions.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public void What_clients_say_is_understood()
    {
        var options = Parse("4.1 scid=1a2b3c4d log_level=info tunnel_forward=true video=true audio=false control=true "
            + "max_size=1280 max_fps=29.97 video_bit_rate=4000000 video_codec=h264 "
            + "video_codec_options=profile:int=1,i-frame-interval:int=3 cleanup=false");
        Assert.Equal("scrcpy_1a2b3c4d", options.SocketName);
        Assert.Equal((true, false, true, true), (options.Video, options.Audio, options.Control, options.TunnelForward));
        Assert.Equal((1280, 29, 4_000_000), (options.MaxSize, options.Fps, options.BitRate));
        Assert.Equal(TimeSpan.FromSeconds(3), options.KeyInterval);
        Assert.Equal(("scrcpy", 60, true, true), (Parse("4.1").SocketName, Parse("4.1").Fps, Parse("4.1").Audio,
            Parse("4.1").SendDummyByte));
        Assert.False(Parse("4.1 raw_stream=true").SendStreamMeta);
        Assert.Equal("scrcpy_0000000f", Parse("4.1 scid=f").SocketName);
    }

    [Theory]
    [InlineData("", "Missing client version")]
    [InlineData("4.0", "The server version (4.1) does not match the client (4.0)")]
    [InlineData("4.1 nonsense", "Invalid key=value pair: \"nonsense\"")]
    [InlineData("4.1 send_frame_meta=true", "Unknown server option: send_frame_meta")]
    [InlineData("4.1 max_size=-1", "Invalid max_size")]
    [InlineData("4.1 max_fps=x", "Invalid max_fps")]
    [InlineData("4.1 video_bit_rate=0", "Invalid video_bit_rate")]
    [InlineData("4.1 scid=fffffff0", "Invalid scid")]
    [InlineData("4.1 video_codec=vp9", "Video codec vp9 not supported")]
    [InlineData("4.1 video_codec_options=profile", "Invalid codec option")]
    [InlineData("4.1 video_codec_options=profile:byte=1", "Invalid codec option")]
    [InlineData("4.1 display_id=3", "display_id 3")]
    public void What_is_wrong_is_said(string line, string words) =>
        Assert.StartsWith(
            words, Assert.Throws<ScrcpyOptionException>(() => Parse(line)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("4.1", 720, 1280, 720, 1280)]
    [InlineData("4.1 max_size=640", 720, 1280, 360, 640)]
    [InlineData("4.1 max_size=640", 1280, 720, 640, 360)]
    [InlineData("4.1 max_size=2000", 720, 1280, 720, 1280)]
    [InlineData("4.1 max_size=500", 720, 1280, 280, 500)]
    [InlineData("4.1 max_size=500 min_size_alignment=8", 720, 1280, 280, 496)]
    [InlineData("4.1 max_size=1", 720, 1280, 2, 2)]
    public void No_side_is_longer_than_asked_for(string line, int width, int height, int wide, int high) =>
        Assert.Equal((wide, high), Parse(line).SizeOf(width, height));
}
