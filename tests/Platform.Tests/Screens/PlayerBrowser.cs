using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;
using Microsoft.Playwright;

namespace CloudPhone.Platform.Tests.Screens;

/// <summary>A browser that opens the player's page at a platform's gateway.</summary>
sealed class PlayerBrowser : IAsyncDisposable
{
    public const string Password = "seven green lanterns";
    readonly RunningPlatform _platform;
    readonly IPlaywright _playwright;
    readonly IBrowser _browser;

    PlayerBrowser(RunningPlatform platform, IPlaywright playwright, IBrowser browser) =>
        (_platform, _playwright, _browser) = (platform, playwright, browser);

    /// <summary>Skips the test where there is none.</summary>
    public static async Task<PlayerBrowser> StartAsync(RunningPlatform platform)
    {
        var missing = Installed.Missing("chromium", "chromium");
        Assert.SkipWhen(missing is not null, missing ?? "");
        var playwright = await Playwright.CreateAsync();
        return new(platform, playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Installed.Find("chromium"), Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        }));
    }

    /// <param name="rest">Of the address.</param>
    /// <param name="prepare">Is given the page before it loads.</param>
    public async Task<IPage> OpenAsync(string rest, Func<IPage, Task>? prepare = null)
    {
        var context = await _browser.NewContextAsync(new() { ViewportSize = new() { Width = 700, Height = 1100 } });
        var page = await context.NewPageAsync();
        if (prepare is not null)
            await prepare(page);
        page.Console += (_, m) => TestContext.Current.TestOutputHelper?.WriteLine($"{m.Type}: {m.Text}");
        page.PageError += (_, e) => TestContext.Current.TestOutputHelper?.WriteLine(e);
        await page.GotoAsync($"{_platform.Gateway}player/{rest}");
        return page;
    }

    /// <summary>Logs in on the page, and shows a phone.</summary>
    public async Task<IPage> WatchAsync(
        PlatformUser user, Guid phone, string way, Func<IPage, Task>? prepare = null)
    {
        var page = await OpenAsync($"?device={phone}&way={way}", prepare);
        await page.FillAsync("input[name=username]", user.Name);
        await page.FillAsync("input[name=password]", Password);
        await page.ClickAsync("form button");
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
