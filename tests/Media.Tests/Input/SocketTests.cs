using System.Net.WebSockets;
using CloudPhone.Media.Tests.Sessions;
using CloudPhone.Testing;

namespace CloudPhone.Media.Tests.Input;

/// <summary>What a viewer's socket brings to the phone, and back.</summary>
public sealed class SocketTests
{
    [Fact]
    public async Task What_is_touched_and_typed_is_seen()
    {
        await using var watched = await WatchedService.StartAsync();
        await using var socket = await watched.WatchAsync();
        var size = await socket.PlaysAsync();
        Assert.Equal((720, 1280), size);
        await socket.SendAsync(new { type = "pictures", mode = "video" });
        await socket.SeesAsync();
        Assert.True(socket.FirstWasKey);
        var before = socket.Picture();
        await socket.TapAsync(size, 360, 640);
        await socket.ChangesAsync(before);
        foreach (var text in new[] { "plain", "你好，世界 😀" })
        {
            before = socket.Picture();
            await socket.SendAsync(new { type = "text", text });
            await socket.ChangesAsync(before);
        }
        await socket.SendAsync(new { type = "get-clipboard" });
        await socket.HearsAsync("clipboard", c => c.GetProperty("text").GetString() == "plain你好，世界 😀");
        await socket.SendAsync(new { type = "clipboard", text = "set from here" });
        await socket.SendAsync(new { type = "key", key = "V", meta = 0x1000 });
        await socket.SendAsync(new { type = "scroll", x = 360, y = 640, width = 720, height = 1280, dy = -1.5 });
        foreach (var key in new[] { "home", "back", "app-switch" })
            await socket.SendAsync(new { type = key });
        await socket.SendAsync(new { type = "rotate" });
        await socket.HearsAsync("state", s => s.GetProperty("width").GetInt32() == 1280);
        Assert.Null(socket.Closed.Status);
    }

    [Fact]
    public async Task A_late_viewer_of_a_still_screen_sees_it_at_once()
    {
        await using var watched = await WatchedService.StartAsync();
        await using var first = await watched.WatchAsync();
        await first.PlaysAsync();
        await first.SendAsync(new { type = "pictures", mode = "video" });
        await first.SeesAsync();
        await using var late = await watched.WatchAsync(watched.Share());
        await late.SendAsync(new { type = "pictures", mode = "video" });
        await late.SeesAsync();
        Assert.True(late.FirstWasKey);
        await Wait.UntilAsync("the same picture", () => late.Picture().AsSpan().SequenceEqual(first.Picture()));
        await late.SendAsync(new { type = "pictures", mode = "snapshots" });
        await Wait.UntilAsync("single pictures", () => late.Snapshots >= 2);
        await late.SendAsync(new { type = "pictures", mode = "none" });
    }

    [Fact]
    public async Task A_viewer_that_does_not_read_holds_up_no_other()
    {
        await using var watched = await WatchedService.StartAsync();
        var reads = new TaskCompletionSource();
        await using var slow = await watched.SocketAsync(await watched.OpenAsync(watched.Share()), reads: reads.Task);
        await slow.SendAsync(new { type = "pictures", mode = "video" });
        await using var quick = await watched.WatchAsync();
        var size = await quick.PlaysAsync();
        await quick.SendAsync(new { type = "pictures", mode = "video" });
        await quick.SeesAsync();
        for (var i = 0; i < 40; i++)
        {
            var before = quick.Picture();
            await quick.TapAsync(size, 100 + (10 * i), 600);
            await quick.ChangesAsync(before);
        }
        Assert.Equal(0, slow.Frames);
        reads.SetResult();
        await Wait.UntilAsync("the same picture", () =>
            slow.Frames > 0 && slow.Picture().AsSpan().SequenceEqual(quick.Picture()));
        Assert.True(slow.FirstWasKey);
    }

    [Fact]
    public async Task One_has_the_controls_and_they_are_handed_over()
    {
        await using var watched = await WatchedService.StartAsync();
        await using var guest = await watched.WatchAsync(watched.Share("control"));
        await guest.ControlsAsync("mine");
        await using var owner = await watched.WatchAsync();
        await owner.HearsAsync("state", s => s.GetProperty("phone").GetString() == "playing"
            && s.GetProperty("controls").GetString() == "other"); // one piece of news, where the phone plays already
        await owner.SendAsync(new { type = "pictures", mode = "video" });
        await owner.SeesAsync();
        var before = owner.Picture();
        await owner.SendAsync(new { type = "text", text = "not heard" });
        await owner.SendAsync(new { type = "control" });
        await owner.ControlsAsync("mine");
        await guest.ControlsAsync("other");
        await owner.SendAsync(new { type = "text", text = "heard" });
        await owner.SendAsync(new { type = "get-clipboard" });
        await owner.HearsAsync("clipboard", c => c.GetProperty("text").GetString() == "heard");
        await owner.ChangesAsync(before);
        await guest.SendAsync(new { type = "control" }); // in vain: they are in use
        await guest.ControlsAsync("other");
        await owner.SendAsync(new { type = "release" });
        await guest.ControlsAsync("free");
        await guest.SendAsync(new { type = "key", key = "HOME" }); // takes them
        await guest.ControlsAsync("mine");
        await owner.ControlsAsync("other");
        await guest.DisposeAsync();
        await owner.ControlsAsync("free");
    }

    [Fact]
    public async Task A_finger_is_lifted_when_its_controls_go()
    {
        await using var watched = await WatchedService.StartAsync();
        await using var guest = await watched.WatchAsync(watched.Share("control"));
        var size = await guest.PlaysAsync();
        await using var owner = await watched.WatchAsync();
        await owner.SendAsync(new { type = "pictures", mode = "video" });
        await owner.SeesAsync();
        var before = owner.Picture();
        await guest.SendAsync(new
        {
            type = "touch", action = "down", pointer = 1, x = 360, y = 640, width = size.Width, height = size.Height,
        });
        await owner.ChangesAsync(before);
        var pressed = owner.Picture();
        await guest.DisposeAsync();
        await owner.ChangesAsync(pressed);
    }

    [Fact]
    public async Task A_new_socket_takes_the_place_of_the_old_one()
    {
        await using var watched = await WatchedService.StartAsync();
        var session = await watched.OpenAsync();
        await using var old = await watched.SocketAsync(session);
        await old.ControlsAsync("mine");
        await using var next = await watched.SocketAsync(session);
        await old.ClosesAsync();
        var size = await next.PlaysAsync();
        await next.SendAsync(new { type = "pictures", mode = "video" });
        await next.SeesAsync();
        var before = next.Picture();
        await next.TapAsync(size, 360, 640);
        await next.ChangesAsync(before);
    }

    [Fact]
    public async Task Who_may_only_watch_is_cut_off_for_doing_more()
    {
        await using var watched = await WatchedService.StartAsync();
        await using var guest = await watched.WatchAsync(watched.Share());
        var size = await guest.PlaysAsync();
        await guest.TapAsync(size, 1, 1);
        await guest.ClosesAsync();
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "This session may only watch."), guest.Closed);
    }

    [Theory]
    [InlineData("", "A message is a JSON object with a type.")]
    [InlineData("[]", "A message is a JSON object with a type.")]
    [InlineData("{}", "A message is a JSON object with a type.")]
    [InlineData("""{"type":"shell"}""", "A message is a JSON object with a type.")]
    [InlineData("""{"type":0}""", "A message is a JSON object with a type.")]
    [InlineData("""{"type":"home","more":1}""", "A message is a JSON object with a type.")]
    [InlineData("""{"type":"home","type":"back"}""", "A message is a JSON object with a type.")]
    [InlineData("""{"type":"touch"}""", "A touch has an action: down, move, up or cancel.")]
    [InlineData("""{"type":"touch","action":"down","x":1e400,"y":1,"width":720,"height":1280}""", null)]
    [InlineData("""{"type":"touch","action":"down","x":721,"y":1,"width":720,"height":1280}""",
        "x and y lie in the video, whose width and height are named with them.")]
    [InlineData("""{"type":"touch","action":"down","pointer":10,"x":1,"y":1,"width":720,"height":1280}""",
        "pointer is 0 to 9.")]
    [InlineData("""{"type":"scroll","x":1,"y":1,"width":720,"height":1280,"dy":17}""", "dx and dy are -16 to 16.")]
    [InlineData("""{"type":"key","key":"KEYCODE_HOME"}""",
        "key is a name of Android without KEYCODE_, like ENTER.")]
    [InlineData("""{"type":"text","text":""}""", "text has 1 to 4096 characters.")]
    [InlineData("""{"type":"pictures"}""", "mode is none, video or snapshots.")]
    public async Task Whoever_sends_nonsense_is_told_so_and_cut_off(string message, string? why)
    {
        await using var watched = await WatchedService.StartAsync();
        await using var socket = await watched.WatchAsync();
        await socket.SendTextAsync(message);
        await socket.ClosesAsync();
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, socket.Closed.Status);
        if (why is not null)
            Assert.Equal(why, socket.Closed.Why);
        await using var again = await watched.WatchAsync(); // the phone does not mind
        await again.PlaysAsync();
    }

    [Fact]
    public async Task Too_long_or_binary_messages_and_wrong_tokens_open_nothing()
    {
        await using var watched = await WatchedService.StartAsync();
        var session = await watched.OpenAsync();
        foreach (var token in new[] { "", "wrong", new string('x', 200) })
            await Assert.ThrowsAsync<WebSocketException>(() => watched.SocketAsync(session, token));
        await using var binary = await watched.SocketAsync(session);
        await binary.SendBytesAsync([1, 2, 3]);
        await binary.ClosesAsync();
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, binary.Closed.Status);
        await using var flood = await watched.SocketAsync(session); // the session lives a while without its socket
        try
        {
            await flood.SendTextAsync(new string(' ', 600_000));
        }
        catch (WebSocketException)
        {
            // cut off before the end
        }
        await flood.ClosesAsync();
    }

    [Fact]
    public async Task A_phone_that_restarts_is_seen_again()
    {
        await using var watched = await WatchedService.StartAsync();
        await using var socket = await watched.WatchAsync();
        await socket.PlaysAsync();
        await socket.SendAsync(new { type = "pictures", mode = "video" });
        await socket.SeesAsync();
        var time = socket.LastTime;
        watched.Phone.Process.Kill();
        await socket.HearsAsync("state", s => s.GetProperty("phone").GetString() == "waiting");
        var frames = socket.Frames;
        await watched.Phone.RestartAsync();
        var size = await socket.PlaysAsync();
        await socket.SeesAsync(frames + 1);
        Assert.True(socket.LastTime > time, "time goes on");
        var before = socket.Picture();
        await socket.TapAsync(size, 360, 640);
        await socket.ChangesAsync(before);
    }

    [Fact]
    public async Task A_viewer_who_goes_ends_the_session()
    {
        await using var watched = await WatchedService.StartAsync();
        await using var socket = await watched.WatchAsync();
        await socket.PlaysAsync();
        await socket.SendAsync(new { type = "end" });
        Assert.Equal("closed", (await socket.HearsAsync("ended")).GetProperty("reason").GetString());
        await Wait.UntilAsync("its end", async () => (await watched.RowsAsync())[0].EndedAt is not null);
    }
}
