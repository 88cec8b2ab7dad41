using CloudPhone.Platform.Tests.EndToEnd;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;
using CloudPhone.Testing.Network;
using Microsoft.Playwright;

namespace CloudPhone.Platform.Tests.Screens;

/// <summary>A person uses a phone by a network that loses much.</summary>
[Collection(nameof(SharedPlatform)), Trait("Needs", "Chromium")]
public sealed class LossTests(PlatformFixture fixture) : IAsyncLifetime
{
    const int Pictures = 120;
    /// <summary>The pictures come by way of a port that the test opens.</summary>
    const string Detour = """
        const set = RTCPeerConnection.prototype.setRemoteDescription;
        RTCPeerConnection.prototype.setRemoteDescription = async function ({ type, sdp }) {
            const port = await detour(Number(sdp.match(/ (\d+) typ host/)[1]));
            return set.call(this, { type, sdp: sdp.replace(/ (\d+) typ host/g, ` ${port} typ host`) });
        };
        """;
    PlayerBrowser _browser = null!;
    LossyRelay? _relay;

    RunningPlatform Platform => fixture.Platform;

    public async ValueTask InitializeAsync() => _browser = await PlayerBrowser.StartAsync(Platform);

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        if (_relay is not null)
            await _relay.DisposeAsync();
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(20, 2)]
    public async Task A_phone_is_touched_and_typed_into_where_much_is_lost(int percent, int freezes)
    {
        await using var user = await Platform.NewUserAsync();
        var phone = await user.CreateRunningAsync("lossy");
        await Wait.UntilAsync("the app that comes with it", async () => (await user.ListAsync(
            $"/api/devices/{phone}/apps")).Any(a => a.GetProperty("status").GetString() == "installed"), 60);
        var page = await _browser.WatchAsync(
            user, phone, "webrtc", p => LeadAsync(p, port => new(port, percent / 100.0)));
        var seen = new SeenScreen(page);
        await seen.ShowsAsync("webrtc", 720, 1280);
        var home = await seen.PixelsAsync();
        await seen.TapAsync(0.125, 0.1); // the first app
        await seen.ChangesAsync(home, atLeast: 0.5);
        var app = await seen.PixelsAsync();
        await page.Keyboard.TypeAsync("lost 你好");
        await seen.ChangesAsync(app);
        Assert.Equal("lost 你好", await seen.CopyAsync("lost 你好"));

        await using (await seen.DrawAsync())
        {
            await GoesOnAsync(seen, freezes);
            await page.ScreenshotAsync(new() { Path = Artefacts.At($"player-loss-{percent}.png") });
        }
        Assert.True(_relay!.Lost > _relay.Passed * percent / 200, $"{_relay.Lost} lost, {_relay.Passed} came");
        await page.ClickAsync("[data-send=rotate]");
        await seen.ShowsAsync("webrtc", 1280, 720);
        (await user.Http.DeleteAsync($"/api/devices/{phone}")).EnsureSuccessStatusCode();
    }
    async Task LeadAsync(IPage page, Func<int, LossyRelay> relay)
    {
        await page.ExposeFunctionAsync("detour", (int port) => (_relay ??= relay(port)).Port);
        await page.AddInitScriptAsync(Detour);
    }

    /// <summary>Again, where the machine was held up by something else.</summary>
    static Task GoesOnAsync(SeenScreen seen, int freezes) => Wait.UntilAsync("a picture that goes on", async () =>
    {
        var (shown, frozen) = await seen.CountsAsync();
        await Wait.UntilAsync("the next pictures", async () =>
            (await seen.CountsAsync()).Shown >= shown + Pictures, 60);
        return (await seen.CountsAsync()).Frozen - frozen <= freezes;
    }, 60);
}
