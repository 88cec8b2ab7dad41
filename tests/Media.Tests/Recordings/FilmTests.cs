using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Media.Tests.Sessions;
using CloudPhone.Media.Tests.WebRtc.Browser;
using CloudPhone.Testing;
using Microsoft.Playwright;

namespace CloudPhone.Media.Tests.Recordings;

/// <summary>A real browser plays a film of a phone that is turned meanwhile.</summary>
[Trait("Needs", "Chromium")]
public sealed class FilmTests
{
    const string All = "/api/media/recordings";
    /// <summary>Rounding, and what a colour loses on its way through YUV.</summary>
    const int Tolerance = 6;

    const string Load = """
        async film => {
            const bytes = Uint8Array.from(atob(film), c => c.charCodeAt(0));
            window.video = document.createElement('video');
            video.muted = true;
            video.src = URL.createObjectURL(new Blob([bytes], { type: 'video/mp4' }));
            document.body.append(video);
            await new Promise((done, fail) => {
                video.onloadeddata = done;
                video.onerror = () => fail(new Error(video.error.message));
            });
            return [video.videoWidth, video.videoHeight, video.duration];
        }
        """;

    const string Play = """
        async () => {
            await video.play();
            await new Promise((done, fail) => {
                video.onended = done;
                video.onerror = () => fail(new Error(video.error.message));
            });
            return [video.videoWidth, video.videoHeight, video.currentTime];
        }
        """;

    /// <summary>The brightness of each pixel.</summary>
    const string Pixels = """
        () => {
            const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight).getContext('2d');
            canvas.drawImage(video, 0, 0);
            const { data } = canvas.getImageData(0, 0, video.videoWidth, video.videoHeight);
            const rows = [];
            for (let i = 0; i < data.length; i += 4 * 97) rows.push(data[i], data[i + 1], data[i + 2]);
            return rows;
        }
        """;

    [Fact]
    public async Task Chromium_plays_it_to_its_end_and_shows_what_was_seen()
    {
        var missing = Installed.Missing("chromium", "chromium");
        Assert.SkipWhen(missing is not null, missing ?? "");
        await using var watched = await WatchedService.StartAsync();
        using var owner = watched.Service.As(watched.Devices.Owner);
        var session = await watched.OpenAsync();
        await using var socket = await watched.SocketAsync(session);
        await socket.PlaysAsync();
        await socket.SendAsync(new { type = "pictures", mode = "video" });
        await socket.SeesAsync();
        var film = await RecordAsync(owner, session, socket);

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Installed.Find("chromium"), Args = ChromiumTests.Flags, Headless = true,
        });
        var page = await browser.NewPageAsync();
        var begins = await page.EvaluateAsync<double[]>(Load, Convert.ToBase64String(film));
        Assert.Equal([720, 1280], begins[..2]);
        Assert.Equal(Sample.Of(film).Sum(s => s.Duration) / 90_000.0, begins[2], 0.1);
        var ends = await page.EvaluateAsync<double[]>(Play);
        Assert.Equal([1280, 720], ends[..2]);
        await SameAsync(page, socket);
    }

    static async Task<byte[]> RecordAsync(HttpClient owner, JsonElement session, TestSocket socket)
    {
        using var begun = await owner.PostAsJsonAsync(
            All, new { sessionId = session.GetProperty("sessionId").GetGuid() });
        var id = (await begun.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        async Task LastsAsync(double seconds) => await Wait.UntilAsync("the film", async () =>
            (await owner.GetFromJsonAsync<JsonElement>($"{All}/{id}")).GetProperty("seconds").GetDouble() > seconds,
            60);
        await LastsAsync(1);
        await socket.SendAsync(new { type = "rotate" });
        await socket.HearsAsync("state", s => s.GetProperty("width").GetInt32() == 1280);
        var before = socket.Picture();
        await socket.SendAsync(new { type = "text", text = "a film" });
        await socket.ChangesAsync(before);
        await LastsAsync(4);
        using var stop = await owner.PostAsync($"{All}/{id}/stop", null);
        return await owner.GetByteArrayAsync($"{All}/{id}/file");
    }

    /// <summary>The film's last picture is what the viewer's decoder shows. Grey is the same in both worlds; of colours
    /// the brightness is compared.</summary>
    static async Task SameAsync(IPage page, TestSocket socket)
    {
        var pixels = await page.EvaluateAsync<int[]>(Pixels);
        var luma = socket.Picture();
        var shown = pixels.Chunk(3).Select(p => 16 + (0.257 * p[0]) + (0.504 * p[1]) + (0.098 * p[2])).ToList();
        var wrong = shown.Index().Count(p => Math.Abs(p.Item - luma[p.Index * 97]) > Tolerance);
        Assert.InRange(wrong, 0, shown.Count / 100); // a browser's YUV may be another at edges
    }
}
