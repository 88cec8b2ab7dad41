using System.Buffers.Binary;
using System.Net;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Testing;

namespace CloudPhone.Devices.Tests.Phones;

public sealed class ScreenTests(PhoneFixture phone) : IClassFixture<PhoneFixture>
{
    static readonly byte[] Png = [0x89, (byte)'P', (byte)'N', (byte)'G'];

    async Task<(int Width, int Height, byte[] Bytes)> ShotAsync()
    {
        using var answer = await phone.Client.GetAsync(phone.At("screenshot"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("image/png", answer.Content.Headers.ContentType?.MediaType);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(Png, bytes[..4]);
        return (BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)),
            BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(20)), bytes);
    }

    [Fact]
    public async Task What_is_touched_and_typed_is_seen_and_kept_in_the_history_without_the_text()
    {
        var shots = new List<byte[]> { (await ShotAsync()).Bytes };
        foreach (var input in new object[]
        {
            new { type = "tap", x = 400, y = 900 }, new { type = "swipe", x = 0, y = 0, x2 = 719, y2 = 1279 },
            new { type = "text", text = "it's 100%s $HOME `id`" }, new { type = "key", key = "HOME" },
        })
        {
            await PhoneFixture.DoneAsync(await phone.PostAsync("input", input));
            shots.Add((await ShotAsync()).Bytes);
        }
        Assert.Equal(4, shots.Select(Convert.ToHexString).Distinct().Count());
        Assert.Equal(shots[2], shots[4]); // HOME took the text away
        Assert.Equal(["key HOME", "text of 21 characters", "swipe 0 0 719 1279", "tap 400 900"],
            (await phone.ActsAsync()).Where(a => a.Act == "input").Take(4).Select(a => a.Reason));
    }

    [Theory]
    [InlineData("""{"type":"tap","x":720,"y":1}""")]
    [InlineData("""{"type":"tap","x":1,"y":1280}""")]
    [InlineData("""{"type":"tap","x":-1,"y":1}""")]
    [InlineData("""{"type":"tap","x":2147483647,"y":1}""")]
    [InlineData("""{"type":"tap","x":1}""")]
    [InlineData("""{"type":"tap","x":1,"y":"1;reboot"}""")]
    [InlineData("""{"type":"swipe","x":1,"y":1}""")]
    [InlineData("""{"type":"swipe","x":1,"y":1,"x2":1,"y2":5000}""")]
    [InlineData("""{"type":"swipe","x":1,"y":1,"x2":1,"y2":1,"durationMs":0}""")]
    [InlineData("""{"type":"swipe","x":1,"y":1,"x2":1,"y2":1,"durationMs":5001}""")]
    [InlineData("""{"type":"key","key":"HOME;reboot"}""")]
    [InlineData("""{"type":"key","key":"home"}""")]
    [InlineData("""{"type":"key"}""")]
    [InlineData("""{"type":"text","text":""}""")]
    [InlineData("""{"type":"text","text":"a\nb"}""")]
    [InlineData("""{"type":"text","text":"a\u0000b"}""")]
    [InlineData("""{"type":"text","text":"日本"}""")]
    [InlineData("""{"type":"text"}""")]
    [InlineData("""{"type":"roll"}""")]
    [InlineData("{}")]
    public async Task What_is_no_input_is_refused_and_not_sent(string body)
    {
        var before = (await phone.ActsAsync()).Count;
        using var answer = await phone.Client.PostAsync(
            phone.At("input"), new StringContent(body, null, "application/json"));
        await Expect.ProblemAsync(answer, 400, "bad-request");
        Assert.Equal(before, (await phone.ActsAsync()).Count);
    }

    [Fact]
    public async Task Turned_it_has_another_screen_and_other_edges()
    {
        var at = new { type = "tap", x = 1279, y = 719 };
        await PhoneFixture.DoneAsync(await phone.PostAsync("rotate", new { orientation = "landscape" }));
        var (width, height, _) = await ShotAsync();
        Assert.Equal((1280, 720), (width, height));
        await PhoneFixture.DoneAsync(await phone.PostAsync("input", at));
        await PhoneFixture.DoneAsync(await phone.PostAsync("rotate", new { orientation = "portrait" }));
        (width, height, _) = await ShotAsync();
        Assert.Equal((720, 1280), (width, height));
        await Expect.ProblemAsync(await phone.PostAsync("input", at), 400, "bad-request");
        foreach (var orientation in new[] { "sideways", "1", "", "Portrait" })
            await Expect.ProblemAsync(await phone.PostAsync("rotate", new { orientation }), 400, "bad-request");
        Assert.Contains(await phone.ActsAsync(), a => a is { Act: "rotated", Reason: "landscape" });
    }

    [Fact]
    public async Task The_log_is_bounded_by_lines_and_time()
    {
        foreach (var i in Enumerable.Range(0, 20))
            await phone.DoAsync($"log -t test line{i}");
        Assert.Equal(["line18", "line19"], (await LogAsync("?lines=2")).Select(l => l.Split(' ')[^1]));
        Assert.True((await LogAsync("")).Length >= 20);
        var now = DateTimeOffset.UtcNow;
        await Wait.UntilAsync("another millisecond", () => DateTimeOffset.UtcNow > now.AddMilliseconds(2));
        await phone.DoAsync("log -t test later");
        var since = Uri.EscapeDataString($"{now.AddMilliseconds(1):O}");
        Assert.EndsWith("later", Assert.Single(await LogAsync($"?since={since}&lines=5")), StringComparison.Ordinal);
        foreach (var wrong in new[] { "lines=0", "lines=2001", "lines=x", "since=yesterday", "since=1960-01-01" })
            await Expect.ProblemAsync(await phone.Client.GetAsync(phone.At($"logs?{wrong}")), 400, "bad-request");
    }

    async Task<string[]> LogAsync(string query)
    {
        using var answer = await phone.Client.GetAsync(phone.At($"logs{query}"));
        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        return (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
