using System.Net;
using System.Text.Json;
using CloudPhone.Media.Tests.WebRtc.Udp;
using CloudPhone.Media.WebRtc.Sdp;
using CloudPhone.Media.WebRtc.Udp;
using CloudPhone.Testing;
using CloudPhone.Testing.Network;
using Microsoft.Playwright;

namespace CloudPhone.Media.Tests.WebRtc.Browser;

/// <summary>A real browser behind a way that loses.</summary>
[Collection(nameof(UdpHubs)), Trait("Needs", "Chromium")]
public sealed class LossTests
{
    const int Pictures = 300;

    const string Statistics = """
        async () => {
            const stats = [...(await pc.getStats()).values()];
            return { ...stats.find(s => s.type == 'inbound-rtp'),
                roundTrip: stats.find(s => s.type == 'remote-outbound-rtp')?.roundTripTime };
        }
        """;

    /// <summary>A browser that knows the round trip asks again after it, and not after 100 ms: without that a fifth
    /// lost freezes the picture eight times in ten seconds.</summary>
    /// <param name="freezes">As the browser counts them: of more than 180 ms at 30 pictures a second.</param>
    [Theory]
    [InlineData(0.05, 0)]
    [InlineData(0.2, 2)]
    public async Task A_picture_goes_on_where_much_is_lost(double loss, int freezes)
    {
        var missing = Installed.Missing("chromium", "chromium");
        Assert.SkipWhen(missing is not null, missing ?? "");
        using var hub = new UdpHub(new(0, [IPAddress.Loopback]), TimeProvider.System);
        var port = hub.Candidates[0].Port;
        await using var relay = new LossyRelay(port, loss);
        var stream = hub.NewStream();
        hub.Signalled += (peer, signals) => ChromiumTests.Heard(hub, stream, peer, signals);
        await using var screen = new TestScreen(hub, stream);
        screen.Start();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = Installed.Find("chromium"), Args = ChromiumTests.Flags, Headless = true });
        var page = await browser.NewPageAsync();
        var offer = SdpOffer.Read(await page.EvaluateAsync<string>(ChromiumTests.Offer), out var reason);
        Assert.True(offer is not null, reason);
        var peer = hub.Add(offer);
        await page.EvaluateAsync("sdp => pc.setRemoteDescription({ type: 'answer', sdp })",
            hub.Answer(peer).Replace($" {port} typ", $" {relay.Port} typ", StringComparison.Ordinal));

        await Wait.UntilAsync("the round trip there", async () => (await StatisticsAsync(page))
            .TryGetProperty("roundTrip", out var trip) && trip.ValueKind == JsonValueKind.Number, 40);
        // again, where the machine was held up by something else, which looks to the browser like a way that is full
        await Wait.UntilAsync("pictures that go on", async () =>
        {
            var (shown, frozen) = await CountsAsync(page);
            var dropped = peer.Statistics().FramesDropped;
            await Wait.UntilAsync("the next pictures", async () =>
                (await CountsAsync(page)).Shown >= shown + Pictures, 60);
            return (await CountsAsync(page)).Frozen - frozen <= freezes
                && peer.Statistics().FramesDropped == dropped; // a loss that is mended is no reason to pace
        }, 90);
        await ChromiumTests.SeesAsync(page, screen.Colour);
        Assert.InRange((double)relay.Lost / (relay.Lost + relay.Passed), loss / 2, loss * 2);
    }

    static async Task<(int Shown, int Frozen)> CountsAsync(IPage page)
    {
        var all = await StatisticsAsync(page);
        return (all.GetProperty("framesDecoded").GetInt32(), all.GetProperty("freezeCount").GetInt32());
    }

    static async Task<JsonElement> StatisticsAsync(IPage page) =>
        await page.EvaluateAsync<JsonElement?>(Statistics) ?? default;
}
