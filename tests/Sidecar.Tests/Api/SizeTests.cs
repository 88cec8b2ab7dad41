using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Api;

/// <summary>
/// Bodies and headers at the limits: 4 MiB and 4 KiB, which a little more is allowed on, unless flags say
/// otherwise.
/// </summary>
public sealed class SizeTests
{
    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_with_or_without_its_length()
    {
        await using var pair = await Pair.StartAsync();

        Assert.Equal(200, (await pair.InvokeAsync("POST", "x", new string('x', 3_000_000))).Status);
        foreach (var chunked in new[] { false, true })
        {
            var answer = await pair.InvokeAsync("POST", "y", new string('x', 5_000_000), chunked);
            Assert.Equal(500, answer.Status);
            Assert.Equal("ERR_DIRECT_INVOKE", answer.ErrorCode);
            Assert.Equal("failed to invoke, id: device-service, err: stream too large", answer.Message);
        }
        Assert.DoesNotContain(pair.App.Requests("/y"), r => r.Body.Length > 5_000_000);
    }

    [Fact]
    public async Task The_limit_can_be_raised()
    {
        await using var pair = await Pair.StartAsync(caller: o => o with { MaxBodySize = 0 });

        Assert.Equal(200, (await pair.InvokeAsync("POST", "x", new string('x', 5_000_000))).Status);
        Assert.Equal(5_000_000, pair.Last.Body.Length);
    }

    [Theory]
    [InlineData(3_000, 200, "")]
    [InlineData(5_000, 200, "")]
    [InlineData(20_000, 431, "431 Request Header Fields Too Large")]
    public async Task Headers_have_room(int size, int status, string body)
    {
        await using var pair = await Pair.StartAsync();

        var answer = await pair.InvokeAsync("GET", "x", null, false, ("x-big", new string('x', size)));

        Assert.Equal((status, body), (answer.Status, answer.Body));
    }
}
