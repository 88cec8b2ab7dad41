using System.Text.RegularExpressions;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Api;

public sealed partial class TraceTests
{
    const string Trace = "0af7651916cd43dd8448eb211c80319c", Given = $"00-{Trace}-b7ad6b7169203331-01";

    static string Config(string rate) =>
        "apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata:\n  name: c\n"
        + $"spec:\n  tracing:\n    samplingRate: \"{rate}\"\n";

    [GeneratedRegex("^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$")]
    private static partial Regex W3C();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_sampling_the_app_gets_the_callers_trace_and_the_sidecars_span(bool apart)
    {
        await using var pair = await Pair.StartAsync(config: Config("1"), apart: apart);

        await pair.InvokeAsync("GET", "x", null, false, ("traceparent", Given), ("tracestate", "cloudphone=r1"));

        var got = pair.Last.Headers;
        Assert.Matches(W3C(), got["traceparent"]);
        Assert.Equal(Trace, got["traceparent"][3..35]);
        Assert.NotEqual(Given, got["traceparent"]);
        Assert.EndsWith("-01", got["traceparent"], StringComparison.Ordinal);
        Assert.Equal("cloudphone=r1", got["tracestate"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01")]
    [InlineData("nonsense")]
    public async Task A_trace_is_begun_where_there_is_none(string? given)
    {
        await using var pair = await Pair.StartAsync(config: Config("1"));

        var answer = await pair.InvokeAsync("GET", "x", null, false, given is null ? [] : [("traceparent", given)]);

        Assert.Matches(W3C(), pair.Last.Headers["traceparent"]);
        Assert.DoesNotContain(new string('0', 16), pair.Last.Headers["traceparent"], StringComparison.Ordinal);
        Assert.Equal(pair.Last.Headers["traceparent"], answer.Headers["traceparent"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0")]
    public async Task Without_sampling_the_callers_headers_pass_as_they_are(string? rate)
    {
        await using var pair = await Pair.StartAsync(config: rate is null ? null : Config(rate));

        await pair.InvokeAsync("GET", "x", null, false, ("traceparent", Given), ("tracestate", "cloudphone=r1"));
        Assert.Equal((Given, "cloudphone=r1"), (pair.Last.Headers["traceparent"], pair.Last.Headers["tracestate"]));

        await pair.InvokeAsync("GET", "y");
        Assert.DoesNotContain("traceparent", pair.Last.Headers.Keys);
    }

    [Fact]
    public async Task A_parent_that_is_not_sampled_stays_so()
    {
        await using var pair = await Pair.StartAsync(config: Config("1"));

        await pair.InvokeAsync("GET", "x", null, false, ("traceparent", Given[..^1] + "0"));

        Assert.Equal(Trace, pair.Last.Headers["traceparent"][3..35]);
        Assert.EndsWith("-00", pair.Last.Headers["traceparent"], StringComparison.Ordinal);
    }
}
