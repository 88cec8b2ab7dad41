using CloudPhone.Testing;
using Microsoft.Playwright;

namespace CloudPhone.Platform.Tests.Screens;

/// <summary>What a page's player shows.</summary>
sealed class SeenScreen(IPage page)
{
    /// <summary>Brightness of a grid of points of the picture, however it came.</summary>
    const string Grid = """
        () => {
            const player = window.cloudPhonePlayer;
            const source = player.canvas.hidden ? player.video : player.canvas;
            const canvas = new OffscreenCanvas(72, 128).getContext('2d');
            canvas.drawImage(source, 0, 0, 72, 128);
            return [...canvas.getImageData(0, 0, 72, 128).data].filter((_, i) => i % 4 == 1);
        }
        """;

    const string Shown = """
        () => {
            const p = window.cloudPhonePlayer;
            if (!p) return null;
            const source = p.canvas.hidden ? [p.video.videoWidth, p.video.videoHeight]
                : [p.canvas.width, p.canvas.height];
            return `${p.state.way} ${source[0]}x${source[1]} ${p.state.width}x${p.state.height}`;
        }
        """;

    /// <summary>Pictures of that size come by that way.</summary>
    public async Task ShowsAsync(string way, int width, int height)
    {
        var wanted = $"{way} {width}x{height} {width}x{height}";
        string? shown = null;
        try
        {
            await Wait.UntilAsync("the picture", async () =>
                (shown = await page.EvaluateAsync<string?>(Shown)) == wanted, 40, every: 0.1);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Not {wanted} but {shown}: {await page.Locator("#message").TextContentAsync()}");
        }
    }

    public Task<int[]> PixelsAsync() => page.EvaluateAsync<int[]>(Grid);

    /// <param name="atLeast">Which part of the picture is another.</param>
    public Task ChangesAsync(int[] before, double atLeast = 0.0001) => Wait.UntilAsync("another picture", async () =>
    {
        var now = await PixelsAsync();
        return now.Zip(before).Count(p => Math.Abs(p.First - p.Second) > 12) > atLeast * now.Length;
    }, 20, every: 0.1);

    /// <param name="x">Part of the width.</param>
    public async Task TapAsync(double x, double y)
    {
        var box = await page.EvaluateAsync<double[]>("""
            () => {
                const p = window.cloudPhonePlayer, box = p.element.getBoundingClientRect();
                const scale = Math.min(box.width / p.state.width, box.height / p.state.height);
                const [w, h] = [p.state.width * scale, p.state.height * scale];
                return [box.left + (box.width - w) / 2, box.top + (box.height - h) / 2, w, h];
            }
            """);
        await page.Mouse.ClickAsync((float)(box[0] + x * box[2]), (float)(box[1] + y * box[3]));
    }

    /// <summary>Draws with a finger, thirty times a second, until it is disposed.</summary>
    public async Task<IAsyncDisposable> DrawAsync()
    {
        await page.EvaluateAsync("""
            () => {
                const player = window.cloudPhonePlayer;
                let i = 0;
                const touch = action => player.send({ type: 'touch', action, pointer: 0, x: 100 + 5 * (i % 100),
                    y: 200 + 8 * (i++ % 97), width: player.state.width, height: player.state.height, pressure: 1 });
                touch('down');
                const timer = setInterval(() => touch('move'), 33);
                window.lift = () => { clearInterval(timer); touch('up'); };
            }
            """);
        return new Finger(page);
    }

    /// <summary>Pictures that were shown by WebRTC, and how often they froze.</summary>
    public async Task<(int Shown, int Frozen)> CountsAsync()
    {
        var counts = await page.EvaluateAsync<int[]>("""
            async () => {
                const { frames, freezes } = await window.cloudPhonePlayer.statistics();
                return [frames ?? 0, freezes ?? 0];
            }
            """);
        return (counts[0], counts[1]);
    }

    sealed class Finger(IPage page) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await page.EvaluateAsync("() => window.lift()");
    }

    /// <summary>What is typed in the phone, by its clipboard.</summary>
    public Task<string> CopyAsync(string wanted) => page.EvaluateAsync<string>("""
        wanted => new Promise(resolve => {
            const player = window.cloudPhonePlayer;
            let last;
            const timer = setInterval(() => player.send({ type: 'get-clipboard' }), 500);
            const end = setTimeout(() => done(), 10000);
            const done = () => { clearInterval(timer); clearTimeout(end); resolve(last); };
            player.addEventListener('clipboard', e => { last = e.detail; if (last === wanted) done(); });
        })
        """, wanted);
}
