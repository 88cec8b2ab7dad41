namespace CloudPhone.Sidecar.Tests.Resiliency;

public class TimeoutTests
{
    readonly Rig _rig = new("""
          policies:
            timeouts: {t: 700ms, ms: 500, short: 1ms, long: 48h, off: 0s}
            retries:
              some: {policy: constant, duration: 100ms, maxRetries: 2, matching: {httpStatusCodes: "503"}}
              ms: {policy: constant, duration: 150, maxRetries: 2}
          targets:
            apps:
              plain: {timeout: t}
              retried: {timeout: t, retry: some}
              ms: {timeout: ms, retry: ms}
              short: {timeout: short}
              long: {timeout: long}
              off: {timeout: off}
        """);

    [Fact]
    public async Task Cuts_an_attempt()
    {
        var o = await _rig.AnswerSlowlyAsync(_rig.Policies.ForApp("plain", "a"), 2);
        Assert.Equal("context deadline exceeded", Assert.IsType<TimeoutException>(o.Error).Message);
        Assert.Equal(1, o.Attempts);
        Assert.InRange(o.Seconds, 0.7, 0.72);
    }

    [Fact]
    public async Task Counts_for_each_attempt_and_is_repeated_whatever_matches()
    {
        var o = await _rig.AnswerSlowlyAsync(_rig.Policies.ForApp("retried", "a"), 1.5);
        Assert.IsType<TimeoutException>(o.Error);
        Assert.Equal(3, o.Attempts);
        Assert.InRange(o.Seconds, 2.3, 2.4);
    }

    [Fact]
    public async Task Bare_numbers_are_milliseconds()
    {
        var o = await _rig.AnswerSlowlyAsync(_rig.Policies.ForApp("ms", "a"), 1.5);
        Assert.IsType<TimeoutException>(o.Error);
        Assert.All(o.Gaps, g => Assert.Equal(0.65, g, 0.021));
    }

    [Fact]
    public async Task Any_length_will_do()
    {
        Assert.IsType<TimeoutException>((await _rig.AnswerSlowlyAsync(_rig.Policies.ForApp("short", "a"), 1)).Error);
        Assert.Equal(200, (await _rig.AnswerSlowlyAsync(_rig.Policies.ForApp("long", "a"), 10)).Status);
        Assert.Equal(200, (await _rig.AnswerSlowlyAsync(_rig.Policies.ForApp("off", "a"), 10)).Status);
    }

    [Fact]
    public void A_runner_tells_whether_it_repeats()
    {
        Assert.False(_rig.Policies.ForApp("plain", "a").Repeats);
        Assert.True(_rig.Policies.ForApp("retried", "a").Repeats);
        Assert.False(_rig.Policies.ForApp("unnamed", "a").Repeats);
    }
}
