using System.Net;
using CloudPhone.Media.Tests.WebRtc.Udp;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.Sdp;
using CloudPhone.Media.WebRtc.Srtp;
using CloudPhone.Media.WebRtc.Udp;
using CloudPhone.PhoneSimulator.Screen;
using CloudPhone.Testing;
using Microsoft.Playwright;

namespace CloudPhone.Media.Tests.WebRtc.Browser;

/// <summary>A real browser shows what was sent.</summary>
[Collection(nameof(UdpHubs)), Trait("Needs", "Chromium")]
public sealed class ChromiumTests
{
    /// <summary>Rounding, and what a colour loses on its way through YUV.</summary>
    const int Tolerance = 6;

    internal static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    internal const string Offer = """
        async () => {
            window.pc = new RTCPeerConnection();
            window.video = document.createElement('video');
            video.muted = video.autoplay = video.playsInline = true;
            document.body.append(video);
            pc.ontrack = e => video.srcObject = new MediaStream([e.track]);
            pc.addTransceiver('video', { direction: 'recvonly' });
            const { type, sdp } = await pc.createOffer();
            const nack = /^a=rtcp-fb:(\d+) nack\r\n/gm; // with it goes rrtr, as in the player
            await pc.setLocalDescription({ type, sdp: sdp.replace(nack, '$&a=rtcp-fb:$1 rrtr\r\n') });
            return pc.localDescription.sdp;
        }
        """;

    const string Statistics = """
        async () => {
            for (const s of (await pc.getStats()).values())
                if (s.type == 'inbound-rtp')
                    return [s.framesDecoded, s.keyFramesDecoded, s.packetsLost];
            return [0, 0, 0];
        }
        """;

    /// <summary>One column: red, green and blue of each row.</summary>
    const string Column = """
        () => {
            if (!video.videoWidth) return [];
            const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight).getContext('2d');
            canvas.drawImage(video, 0, 0);
            const { data } = canvas.getImageData(video.videoWidth / 2, 0, 1, video.videoHeight);
            return [...data].filter((_, i) => i % 4 != 3);
        }
        """;

    [Fact]
    public async Task Chromium_decodes_the_pixels_that_were_sent()
    {
        var missing = Installed.Missing("chromium", "chromium");
        Assert.SkipWhen(missing is not null, missing ?? "");
        using var hub = new UdpHub(new(0, [IPAddress.Loopback]), TimeProvider.System);
        var stream = hub.NewStream();
        hub.Signalled += (peer, signals) => Heard(hub, stream, peer, signals);
        await using var screen = new TestScreen(hub, stream);
        screen.Start();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = Installed.Find("chromium"), Args = Flags, Headless = true });
        var page = await browser.NewPageAsync();

        var offer = SdpOffer.Read(await page.EvaluateAsync<string>(Offer), out var reason);
        Assert.True(offer is not null, reason);
        var peer = hub.Add(offer);
        await page.EvaluateAsync("sdp => pc.setRemoteDescription({ type: 'answer', sdp })", hub.Answer(peer));

        await Wait.UntilAsync("decoded pictures", async () => (await CountsAsync(page))[0] >= 10, 40);
        Assert.Equal(SrtpProfile.AeadAes128Gcm, peer.Profile);
        await SeesAsync(page, screen.Colour);
        screen.Colour++;
        await SeesAsync(page, screen.Colour);
        var before = await CountsAsync(page);
        await Wait.UntilAsync("more pictures", async () => (await CountsAsync(page))[0] >= before[0] + 30);
        Assert.Equal(0, (await CountsAsync(page))[2]);
        await Wait.UntilAsync("its reports", () => peer.Statistics().RoundTrip is not null);

        await page.EvaluateAsync("() => pc.close()");
        await Wait.UntilAsync("its goodbye", () => peer.End == PeerEnd.ByBrowser);
        await Wait.UntilAsync("that nobody watches", () => stream.Viewers == 0);
    }

    internal static void Heard(UdpHub hub, VideoStream stream, Peer peer, PeerSignals signals)
    {
        if ((signals & PeerSignals.Playing) != 0)
            stream.Join(peer, hub.Now);
        if ((signals & PeerSignals.KeyFrame) != 0)
            stream.WantKeyFrame();
        if ((signals & PeerSignals.Closed) != 0)
            stream.Leave(peer);
    }

    internal static Task<int[]> CountsAsync(IPage page) => page.EvaluateAsync<int[]>(Statistics);

    /// <summary>Each row is of the screen's colour but those of the bar, which is white.</summary>
    internal static async Task SeesAsync(IPage page, int colour)
    {
        int[] column = [];
        try
        {
            await Wait.UntilAsync("the picture", async () =>
            {
                column = await page.EvaluateAsync<int[]>(Column);
                return column.Length == 3 * TestScreen.Height
                    && Rows(column, Frame.White) == TestScreen.BarHeight
                    && Rows(column, colour) == TestScreen.Height - TestScreen.BarHeight;
            });
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Other pixels than those of {colour}: {string.Join(' ', column)}");
        }
    }

    static int Rows(int[] column, int colour)
    {
        var wanted = Frame.Palette.Slice(3 * colour, 3).ToArray();
        return column.Chunk(3).Count(c => c.Zip(wanted).All(p => Math.Abs(p.First - p.Second) <= Tolerance));
    }
}
