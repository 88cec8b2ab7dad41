using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using CloudPhone.Platform.Tests.EndToEnd;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;
using Microsoft.Playwright;

namespace CloudPhone.Platform.Tests.Screens;

/// <summary>A person opens the player's page at the gateway, sees a phone and uses it; the decoded pixels say
/// so.</summary>
[Collection(nameof(SharedPlatform)), Trait("Needs", "Chromium")]
public sealed partial class PlayerTests(PlatformFixture fixture) : IAsyncLifetime
{
    PlayerBrowser _browser = null!;

    RunningPlatform Platform => fixture.Platform;

    public async ValueTask InitializeAsync() => _browser = await PlayerBrowser.StartAsync(Platform);

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
    }

    [Theory]
    [InlineData("webrtc")]
    [InlineData("video")]
    [InlineData("snapshots")]
    public async Task A_phone_is_seen_touched_and_typed_into(string way)
    {
        await using var user = await Platform.NewUserAsync();
        var phone = await user.CreateRunningAsync("player");
        await Wait.UntilAsync("the app that comes with it", async () => (await user.ListAsync(
            $"/api/devices/{phone}/apps")).Any(a => a.GetProperty("status").GetString() == "installed"), 60);
        var page = await _browser.WatchAsync(user, phone, way);
        var seen = new SeenScreen(page);
        await seen.ShowsAsync(way, 720, 1280);

        var home = await seen.PixelsAsync();
        await seen.TapAsync(0.125, 0.1); // the first app
        await seen.ChangesAsync(home, atLeast: 0.5); // it fills the screen
        var app = await seen.PixelsAsync();
        await page.Keyboard.TypeAsync("typed here");
        await seen.ChangesAsync(app);
        await page.Keyboard.InsertTextAsync("你好");
        Assert.Equal("typed here你好", await seen.CopyAsync("typed here你好"));
        await page.ScreenshotAsync(new() { Path = Artefacts.At($"player-{way}.png") });

        await page.ClickAsync("[data-send=rotate]");
        await seen.ShowsAsync(way, 1280, 720);
        await page.ClickAsync("#leave");
        await Wait.UntilAsync("the session's end", async () => (await user.ListAsync("/api/media/sessions"))
            .All(s => s.GetProperty("endReason").GetString() == "closed"));
        if (way == "webrtc")
            await MeasureAsync(page, seen);
        (await user.Http.DeleteAsync($"/api/devices/{phone}")).EnsureSuccessStatusCode();
    }

    /// <summary>The phone is looked at again: from the click to the first picture, all of it warm.</summary>
    static async Task MeasureAsync(IPage page, SeenScreen seen)
    {
        await page.ClickAsync("#phones li button");
        await seen.ShowsAsync("webrtc", 1280, 720);
        var first = await page.EvaluateAsync<double>(
            "async () => (await cloudPhonePlayer.statistics()).firstPictureMs");
        Console.WriteLine($"MEASURED first picture after the click: {first:0} ms");
        await page.ClickAsync("#leave");
    }

    /// <summary>No UDP leaves this browser: after three seconds the socket brings the pictures.</summary>
    [Fact]
    public async Task Without_udp_the_pictures_come_another_way()
    {
        await using var user = await Platform.NewUserAsync();
        var phone = await user.CreateRunningAsync("no udp");
        var share = await ShareAsync(user, phone, "control");
        var page = await _browser.OpenAsync($"#share={share}", p => p.AddInitScriptAsync("""
            const set = RTCPeerConnection.prototype.setRemoteDescription;
            RTCPeerConnection.prototype.setRemoteDescription = function (d) {
                return set.call(this, { type: d.type, sdp: d.sdp.replace(/ (\d+) typ host/g, ' 9 typ host') });
            };
            """));
        var seen = new SeenScreen(page);
        await seen.ShowsAsync("video", 720, 1280);
        var before = await seen.PixelsAsync();
        await seen.TapAsync(0.5, 0.9);
        await seen.ChangesAsync(before);
        (await user.Http.DeleteAsync($"/api/devices/{phone}")).EnsureSuccessStatusCode();
        // whichever is known first: that the phone went, or that its share did
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync(
            DeletedOrNotShared(), new() { Timeout = 30_000 });
    }

    /// <summary>A guest sees it, and touches nothing.</summary>
    [Fact]
    public async Task A_guest_only_watches_and_an_ended_share_lets_nobody_in()
    {
        await using var user = await Platform.NewUserAsync();
        var phone = await user.CreateRunningAsync("shared");
        var share = await ShareAsync(user, phone, "view");
        var page = await _browser.OpenAsync($"#share={share}");
        var seen = new SeenScreen(page);
        await seen.ShowsAsync("webrtc", 720, 1280);
        Assert.DoesNotContain(share, page.Url, StringComparison.Ordinal);
        Assert.True(await page.Locator("[data-send=home]").IsDisabledAsync());
        var before = await seen.PixelsAsync();
        await seen.TapAsync(0.5, 0.9);
        await page.Mouse.WheelAsync(0, 300);
        await page.Keyboard.TypeAsync("by a guest");
        await page.Keyboard.PressAsync("Escape");
        var own = await _browser.WatchAsync(user, phone, "video");
        var ownSeen = new SeenScreen(own);
        await ownSeen.ShowsAsync("video", 720, 1280); // after all of it
        Assert.Equal("the owner's", await TypeAndCopyAsync(own, ownSeen, "the owner's"));
        await seen.ChangesAsync(before); // the guest sees what the owner does, and still watches
        foreach (var s in await user.ListAsync($"/api/devices/{phone}/shares"))
            (await user.Http.DeleteAsync($"/api/devices/{phone}/shares/{s.GetProperty("id").GetGuid()}")).Dispose();
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync(
            "It is over: access-lost", new() { Timeout = 30_000 });
        var late = await _browser.OpenAsync($"#share={share}");
        await Assertions.Expect(late.Locator("#message")).ToContainTextAsync("share", new() { Timeout = 30_000 });
        (await user.Http.DeleteAsync($"/api/devices/{phone}")).EnsureSuccessStatusCode();
    }

    [GeneratedRegex("It is over: (device-|access-lost)")]
    private static partial Regex DeletedOrNotShared();

    static async Task<string> TypeAndCopyAsync(IPage page, SeenScreen seen, string text)
    {
        await seen.TapAsync(0.5, 0.9);
        await page.Keyboard.TypeAsync(text);
        return await seen.CopyAsync(text);
    }

    static async Task<string> ShareAsync(PlatformUser user, Guid phone, string access)
    {
        using var answer = await user.Http.PostAsJsonAsync(
            $"/api/devices/{phone}/shares", new { access, minutes = 10 });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }
}
