using CloudPhone.Platform.Tests.EndToEnd;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Screens;

/// <summary>The page's button records what is seen, and saves the film, through the gateway.</summary>
[Collection(nameof(SharedPlatform)), Trait("Needs", "Chromium")]
public sealed class RecordButtonTests(PlatformFixture fixture) : IAsyncLifetime
{
    PlayerBrowser _browser = null!;

    public async ValueTask InitializeAsync() => _browser = await PlayerBrowser.StartAsync(fixture.Platform);

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
    }

    [Fact]
    public async Task A_film_is_made_and_saved()
    {
        await using var user = await fixture.Platform.NewUserAsync();
        var phone = await user.CreateRunningAsync("film");
        var page = await _browser.WatchAsync(user, phone, "webrtc");
        await new SeenScreen(page).ShowsAsync("webrtc", 720, 1280);
        await page.ClickAsync("#record");
        await Wait.UntilAsync("some of a film", async () => (await user.ListAsync("/api/media/recordings"))
            is [var film] && film.GetProperty("seconds").GetDouble() > 1, 30);
        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("#record"));
        var bytes = await File.ReadAllBytesAsync(await download.PathAsync());
        Assert.Equal("ftypiso6"u8.ToArray(), bytes[4..12]);
        var kept = Assert.Single(await user.ListAsync("/api/media/recordings"));
        Assert.Equal(("stopped", bytes.Length),
            (kept.GetProperty("endReason").GetString(), kept.GetProperty("bytes").GetInt32()));
        Assert.Equal("Record", await page.Locator("#record").TextContentAsync());
        await page.ClickAsync("#leave");
        (await user.Http.DeleteAsync($"/api/devices/{phone}")).EnsureSuccessStatusCode();
    }
}
