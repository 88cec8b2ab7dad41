using CloudPhone.Sidecar.Resiliency;

namespace CloudPhone.Sidecar.Tests.Resiliency;

public class BackoffTests
{
    static readonly RetrySpec Exponential =
        RetrySpec.Default with { Exponential = true, MaxInterval = TimeSpan.FromSeconds(1) };

    [Theory]
    [InlineData(0, 0, 0.25)]
    [InlineData(0, 0.5, 0.5)]
    [InlineData(0, 1, 0.75)]
    [InlineData(1, 0.5, 0.75)]
    [InlineData(2, 0.5, 1)]
    [InlineData(2, 1, 1.5)]
    [InlineData(1_000_000, 0.5, 1)]
    public void Grows_by_half_of_itself_up_to_the_cap_with_jitter(int retry, double random, double seconds) =>
        Assert.Equal(seconds, Backoff.Delay(Exponential, retry, random).TotalSeconds, 6);

    [Fact]
    public async Task As_recorded_on_the_runtime()
    {
        var rig = new Rig(
            "  policies: {retries: {e: {policy: exponential, maxInterval: 1s, maxRetries: 4}}}\n"
            + "  targets: {apps: {a: {retry: e}}}");
        var o = await rig.AnswerAsync(rig.Policies.ForApp("a", "x"), 500);
        Assert.Equal(5, o.Attempts);
        Assert.InRange(o.Gaps[0], 0.24, 0.85);
        Assert.InRange(o.Gaps[1], 0.36, 1.25);
        Assert.InRange(o.Gaps[3], 0.48, 1.65);
    }

    [Fact]
    public async Task Gives_up_after_a_quarter_of_an_hour()
    {
        var rig = new Rig("  policies: {retries: {e: {policy: exponential}}}\n  targets: {apps: {a: {retry: e}}}");
        var o = await rig.AnswerAsync(rig.Policies.ForApp("a", "x"), 500);
        Assert.Equal(500, o.Status);
        Assert.InRange(o.Seconds, 900, 992);
    }
}
