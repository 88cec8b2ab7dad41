using CloudPhone.Adb.Shell;
using CloudPhone.Adb.Sync;
using CloudPhone.Scrcpy.Control;
using CloudPhone.Testing;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Scrcpy.Tests;

/// <summary>The client against the phone that there is.</summary>
public sealed class ScrcpySessionTests
{
    [Fact]
    public async Task It_begins_with_all_that_a_decoder_needs_and_a_second_time_the_file_is_there()
    {
        await using var phone = await WatchedPhone.StartAsync();
        Assert.StartsWith("CloudPhone Simulator", phone.Session.DeviceName, StringComparison.Ordinal);
        await phone.BeginsAsync(720, 1280);
        await phone.Session.DisposeAsync();
        await phone.IsQuietAsync();
        await using (var sync = await AdbSync.OpenAsync(phone.Adb, default))
            Assert.Equal(DateTimeOffset.UnixEpoch,
                (await sync.StatAsync(ScrcpyServerFile.StandIn.Path, default))!.ModifiedAt);
        await phone.WatchAsync(new() { MaxSize = 640, MaxFps = 15 });
        await phone.BeginsAsync(360, 640);
    }

    [Fact]
    public async Task Fingers_are_seen_each_where_it_is_and_a_wheel_scrolls()
    {
        await using var phone = await WatchedPhone.StartAsync();
        await phone.BeginsAsync(720, 1280);
        var still = phone.Decoder.Plane(0);
        await phone.TouchAsync(TouchAction.Down, 1, 200, 600);
        await phone.ChangesAsync(still);
        var one = phone.Decoder.Plane(0);
        await phone.TouchAsync(TouchAction.Down, 2, 500, 900);
        await phone.ChangesAsync(one);
        Assert.True(IsOther(600, 200) && IsOther(900, 500));
        var two = phone.Decoder.Plane(0);
        await phone.TouchAsync(TouchAction.Move, 2, 550, 1000);
        await phone.ChangesAsync(two);
        Assert.True(IsOther(600, 200) && IsOther(1000, 550) && !IsOther(900, 500));
        await phone.TouchAsync(TouchAction.Up, 2, 550, 1000);
        await phone.TouchAsync(TouchAction.Up, 1, 200, 600);

        bool IsOther(int row, int column)
        {
            var around = Enumerable.Range(-8, 17).SelectMany(y => Enumerable.Range(-8, 17), (y, x) =>
                ((row + y) * 720) + column + x);
            var now = phone.Decoder.Plane(0);
            return around.Any(i => now[i] != still[i]);
        }
    }

    [Fact]
    public async Task Text_is_typed_and_the_clipboard_goes_both_ways()
    {
        await using var phone = await WatchedPhone.StartAsync();
        await phone.BeginsAsync(720, 1280);
        var text = string.Concat(Enumerable.Repeat("héllo ", 60)); // 420 bytes: two messages
        await phone.Session.TypeAsync(text, default);
        await phone.Session.SendAsync(new GetClipboardMessage(CopyKey.Copy), default);
        Assert.Equal(text[^256..], await phone.CopiedAsync()); // all that a field here holds
        await phone.Session.SendAsync(new GetClipboardMessage(CopyKey.Cut), default);
        await phone.CopiedAsync();
        await phone.Session.SetClipboardAsync("你好，世界 😀", paste: true, default);
        await phone.Session.SendAsync(new GetClipboardMessage(CopyKey.Copy), default);
        Assert.Equal("你好，世界 😀", await phone.CopiedAsync());
        await phone.Session.SendAsync(new KeyMessage(KeyAction.Down, 29, Meta: 1), default);
        await phone.Session.SendAsync(new KeyMessage(KeyAction.Up, 29, Meta: 1), default);
        await phone.Session.SendAsync(new GetClipboardMessage(CopyKey.Copy), default);
        Assert.Equal("你好，世界 😀A", await phone.CopiedAsync());
        var large = new string('x', SetClipboardMessage.MaxBytes);
        await phone.Session.SetClipboardAsync(large, paste: false, default);
        await Assert.ThrowsAsync<ArgumentException>(() =>
            phone.Session.SetClipboardAsync(large + "x", paste: false, default));
        Assert.False(phone.Session.Ended.IsCompleted);
    }

    [Fact]
    public async Task Without_autosync_the_clipboard_comes_when_it_is_asked_for()
    {
        await using var phone = await WatchedPhone.StartAsync(new() { ClipboardAutosync = false });
        await phone.Session.SetClipboardAsync("abc", paste: false, default);
        await phone.Session.SendAsync(new GetClipboardMessage(CopyKey.None), default);
        Assert.Equal("abc", await phone.CopiedAsync());
    }

    [Fact]
    public async Task Turned_it_has_another_size_and_a_reset_brings_a_whole_picture()
    {
        await using var phone = await WatchedPhone.StartAsync();
        await phone.BeginsAsync(720, 1280);
        await phone.Session.SendAsync(new PlainMessage(PlainMessageKind.Rotate), default);
        await phone.BeginsAsync(1280, 720);
        await phone.Session.SendAsync(new PlainMessage(PlainMessageKind.ResetVideo), default);
        await phone.BeginsAsync(1280, 720);
        var before = phone.Decoder.Plane(0);
        await phone.Session.SendAsync(new PlainMessage(PlainMessageKind.ShowSettings), default);
        await phone.ChangesAsync(before);
    }

    [Fact]
    public async Task A_phone_that_is_killed_ends_it_with_a_reason_for_all_who_wait()
    {
        await using var phone = await WatchedPhone.StartAsync();
        await phone.BeginsAsync(720, 1280);
        var reading = ReadToEndAsync(phone);
        phone.Phone.Process.Kill();
        var e = await Assert.ThrowsAsync<ScrcpyException>(() => reading);
        Assert.Equal(ScrcpyFault.Unreachable, e.Fault);
        Assert.Equal(e.Message, (await phone.Session.Ended).Message);
        await Assert.ThrowsAsync<ScrcpyException>(async () =>
            await phone.Session.SendAsync(new BackMessage(KeyAction.Down), default));
        await Assert.ThrowsAsync<ScrcpyException>(() => phone.Session.SetClipboardAsync("a", paste: false, default));
        await Assert.ThrowsAsync<ScrcpyException>(async () => await phone.Session.ReadAsync(default));
        await phone.Session.Copied.Completion;
    }

    [Fact]
    public async Task A_hung_phone_is_noticed_though_its_screen_was_still()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var phone = await WatchedPhone.StartAsync(clock: clock);
        await phone.BeginsAsync(720, 1280);
        var reading = ReadToEndAsync(phone);
        var streams = phone.Adb.StreamCount;
        for (var i = 0; i < 60; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(5)); // it answers: it goes on
            await phone.Adb.PropertyAsync("ro.serialno", default);
            await Wait.UntilAsync("the answer to what it was asked", () => phone.Adb.StreamCount == streams);
        }
        Assert.False(phone.Session.Ended.IsCompleted);
        await phone.FaultAsync("hang");
        await Wait.UntilAsync("the end", () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return reading.IsCompleted;
        });
        var e = await Assert.ThrowsAsync<ScrcpyException>(() => reading);
        Assert.Contains("does not answer", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closed_it_leaves_nothing_and_says_so_to_whoever_reads()
    {
        await using var phone = await WatchedPhone.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            var reading = ReadToEndAsync(phone);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await phone.Session.ReadAsync(default));
            await phone.Session.DisposeAsync();
            Assert.Equal(ScrcpyFault.Closed, (await Assert.ThrowsAsync<ScrcpyException>(() => reading)).Fault);
            Assert.Equal(ScrcpyFault.Closed, (await phone.Session.Ended).Fault);
            await phone.IsQuietAsync();
            await phone.WatchAsync();
        }
    }

    [Fact]
    public async Task A_start_that_is_broken_off_leaves_nothing()
    {
        await using var phone = await WatchedPhone.OnAsync();
        await phone.FaultAsync("slow/40");
        for (var i = 0; i < 12; i++)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(60 * i));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ScrcpySession.StartAsync(
                phone.Adb, ScrcpyServerFile.StandIn, new(), TimeProvider.System, patience.Token));
        }
        await phone.IsQuietAsync();
        Assert.True(phone.Adb.IsUp);
        await phone.WatchAsync();
    }

    static async Task ReadToEndAsync(WatchedPhone phone)
    {
        while (true)
            await phone.NextAsync();
    }
}
