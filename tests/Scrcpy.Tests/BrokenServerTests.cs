using CloudPhone.Adb;
using CloudPhone.Scrcpy.Control;
using CloudPhone.Scrcpy.Tests.Video;
using CloudPhone.Testing;

namespace CloudPhone.Scrcpy.Tests;

/// <summary>Servers that don't do as they should: one clear exception, nothing left over, and nobody waits for ever.
/// </summary>
public sealed class BrokenServerTests
{
    static readonly ScrcpyOptions Impatient = new()
    {
        StartLimit = TimeSpan.FromSeconds(0.5), AnswerLimit = TimeSpan.FromSeconds(0.3),
    };

    static Task<ScrcpySession> StartAsync(AdbConnection adb, ScrcpyOptions? options = null) => ScrcpySession.StartAsync(
        adb, ScrcpyServerFile.StandIn, options ?? new(), TimeProvider.System, default);

    /// <summary>The start that fails, and that nothing of it goes on.</summary>
    static async Task<ScrcpyException> FailAsync(FakeServer server, ScrcpyOptions? options = null)
    {
        using var adb = await server.ConnectAsync();
        var e = await Assert.ThrowsAsync<ScrcpyException>(() => StartAsync(adb, options));
        await Wait.UntilAsync("the end of all streams", () => adb.StreamCount == 0);
        Assert.True(adb.IsUp);
        return e;
    }

    [Fact]
    public async Task One_that_never_listens_is_given_up_in_time_with_its_words()
    {
        using var server = new FakeServer { Refusals = -1, Words = "[server] INFO: Device: x\n[server] WARN: I think" };
        var e = await FailAsync(server, Impatient);
        Assert.Equal(ScrcpyFault.TimedOut, e.Fault);
        Assert.Equal("The phone's screen server did not start in 0.5 s until it opened the video: "
            + "[server] WARN: I think.", e.Message);
    }

    [Fact]
    public async Task One_that_opens_its_socket_and_says_nothing_is_given_up_in_time()
    {
        using var server = new FakeServer { Video = [] };
        Assert.Contains("until it opened the video", (await FailAsync(server, Impatient)).Message,
            StringComparison.Ordinal);
        using var half = new FakeServer { Video = [FakeServer.Head()[..40]] };
        Assert.Contains("until it said which video it sends", (await FailAsync(half, Impatient)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_phone_that_never_answers_is_given_up_in_time()
    {
        await using var phone = await WatchedPhone.OnAsync();
        await phone.FaultAsync("hang");
        var e = await Assert.ThrowsAsync<ScrcpyException>(() => StartAsync(phone.Adb, Impatient));
        Assert.Equal(ScrcpyFault.TimedOut, e.Fault);
        Assert.Contains("until its file was written", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_fails_says_why_and_a_stand_in_says_what_it_is_no_good_for()
    {
        using var server = new FakeServer
        {
            Refusals = -1, ExitCode = 1,
            Words = "[server] ERROR: The server version (4.1) does not match the client (4.0)\nAborted\n",
        };
        var e = await FailAsync(server);
        Assert.Equal(ScrcpyFault.Refused, e.Fault);
        Assert.Equal("The phone's screen server has ended with exit code 1: [server] ERROR: The server version (4.1) "
            + "does not match the client (4.0). Phones that are not simulated need scrcpy's server: set SCRCPY_SERVER_FILE.",
            e.Message);
    }

    [Fact]
    public async Task It_is_tried_again_until_the_server_listens()
    {
        using var server = new FakeServer { Refusals = 3, EarlyEnds = 2 };
        using var adb = await server.ConnectAsync();
        await using var session = await StartAsync(adb);
        Assert.Equal("Fake", session.DeviceName);
        Assert.Equal(2 + 3 + 2 + 2, server.Opened.Count);
        Assert.Matches("^shell,v2,raw:CLASSPATH=/data/local/tmp/scrcpy-server-4.1-[0-9a-f]{12}.jar exec app_process / "
            + "com.genymobile.scrcpy.Server 4.1 scid=[0-7][0-9a-f]{7} .*tunnel_forward=true ", server.Opened[1]);
        Assert.Matches("^localabstract:scrcpy_[0-7][0-9a-f]{7}$", server.Opened[^1]);
    }

    [Theory]
    [InlineData(0x68323635u, 0, ScrcpyFault.Protocol, "a video of codec 68323635")]
    [InlineData(1u, 0, ScrcpyFault.Refused, "has ended with exit code 0")]
    [InlineData(0x68323634u, 7, ScrcpyFault.Protocol, "a video that begins with 7")]
    internal async Task Another_video_than_was_asked_for_is_refused(
        uint codec, byte dummy, ScrcpyFault fault, string words)
    {
        using var server = new FakeServer { Video = [FakeServer.Head(codec, dummy)], ExitCode = 0 };
        var e = await FailAsync(server);
        Assert.Equal(fault, e.Fault);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_picture_that_is_too_large_ends_it_at_once()
    {
        using var server = new FakeServer
        {
            Video = [FakeServer.Head(), VideoReaderTests.Media(5, [1, 2, 3], 5000)],
        };
        using var adb = await server.ConnectAsync();
        await using var session = await StartAsync(adb, new() { MaxFrame = 4999 });
        var e = await Assert.ThrowsAsync<ScrcpyException>(async () => await session.ReadAsync(default));
        Assert.Equal(ScrcpyFault.Protocol, e.Fault);
        Assert.Contains(
            "a picture of 5000 bytes, of which at most 4999 are taken", e.Message, StringComparison.Ordinal);
        Assert.Same(await session.Ended, e.InnerException?.InnerException ?? e.InnerException);
    }

    [Fact]
    public async Task A_video_that_ends_ends_the_session()
    {
        using var server = new FakeServer { Video = [FakeServer.Head(), null] };
        using var adb = await server.ConnectAsync();
        await using var session = await StartAsync(adb);
        Assert.Equal(ScrcpyFault.Ended,
            (await Assert.ThrowsAsync<ScrcpyException>(async () => await session.ReadAsync(default))).Fault);
        await session.DisposeAsync();
        await Wait.UntilAsync("the end of all streams", () => adb.StreamCount == 0);
    }

    [Fact]
    public async Task Who_reads_slowly_stops_the_phone_and_holds_no_more_than_what_is_under_way()
    {
        byte[] packet = VideoReaderTests.Media(5, new byte[(64 << 10) - 12]);
        using var server = new FakeServer
        {
            Video = [FakeServer.Head(), VideoReaderTests.Session(720, 1280), .. Enumerable.Repeat(packet, 200)],
        };
        using var adb = await server.ConnectAsync();
        await using var session = await StartAsync(adb);
        // whatever else goes on, the video stands
        await session.TypeAsync(new string('a', 3000), default);
        await Wait.UntilAsync("the text", () => server.Written.Sum(w => w.Length) > 3000);
        Assert.InRange(server.Acknowledged, 0, 1); // the head
        await session.ReadAsync(default);
        for (var i = 1; i <= 200; i++)
        {
            Assert.Equal((64 << 10) - 12, (await session.ReadAsync(default)).Data.Length);
            Assert.InRange(server.Acknowledged, 0, i + 2);
        }
    }

    [Fact]
    public async Task A_clipboard_that_is_not_acknowledged_is_an_error_and_not_the_end()
    {
        using var server = new FakeServer();
        using var adb = await server.ConnectAsync();
        await using var session = await StartAsync(adb, Impatient with { StartLimit = new ScrcpyOptions().StartLimit });
        var e = await Assert.ThrowsAsync<ScrcpyException>(() => session.SetClipboardAsync("abc", true, default));
        Assert.Equal(ScrcpyFault.TimedOut, e.Fault);
        await session.SendAsync(new PlainMessage(PlainMessageKind.Rotate), default);
        await Wait.UntilAsync("it", () => server.Written.Contains("\u000b"));
        Assert.Contains("\t\0\0\0\0\0\0\0\u0001\u0001\0\0\0\u0003abc", server.Written);
        Assert.False(session.Ended.IsCompleted);
    }
}
