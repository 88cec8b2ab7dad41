using CloudPhone.Sidecar.Resiliency;

namespace CloudPhone.Sidecar.Tests.Resiliency;

public class BreakerTests
{
    readonly Rig _rig = new("""
          policies:
            retries:
              matching: {policy: constant, duration: 50ms, maxRetries: 1, matching: {httpStatusCodes: "500-599"}}
              ten: {policy: constant, duration: 100ms, maxRetries: 10}
            circuitBreakers:
              half: {maxRequests: 1, timeout: 2s, trip: requests >= 4 && totalFailures * 2 >= requests}
              plain: {maxRequests: 1, timeout: 2s}
              three: {timeout: 30s, trip: consecutiveFailures > 2}
              probes: {maxRequests: 2, timeout: 2s, trip: consecutiveFailures > 0}
              reset: {interval: 10s, timeout: 2s, trip: totalFailures > 1}
              undecided: {trip: requests / totalSuccesses > 2}
          targets:
            apps:
              half: {circuitBreaker: half}
              plain: {circuitBreaker: plain}
              matching: {circuitBreaker: half, retry: matching}
              retried: {circuitBreaker: three, retry: ten}
              probes: {circuitBreaker: probes}
              reset: {circuitBreaker: reset}
              undecided: {circuitBreaker: undecided}
              small: {circuitBreaker: probes, circuitBreakerCacheSize: 2}
        """);

    async Task<string> AttemptsAsync(string app, string path, params int[] statuses)
    {
        var attempts = new List<int>();
        foreach (var status in statuses)
            attempts.Add((await _rig.AnswerAsync(_rig.Policies.ForApp(app, path), status)).Attempts);
        return string.Join(", ", attempts);
    }

    [Fact]
    public async Task Opens_refuses_at_once_lets_a_probe_through_and_closes()
    {
        Assert.Equal("1, 1, 1, 1, 0", await AttemptsAsync("half", "a", 500, 500, 500, 500, 200));
        Assert.Equal("1", await AttemptsAsync("half", "b", 200));
        _rig.Time.Advance(TimeSpan.FromSeconds(2.3));
        Assert.Equal("1, 0", await AttemptsAsync("half", "a", 500, 200));
        _rig.Time.Advance(TimeSpan.FromSeconds(2.3));
        Assert.Equal("1, 1, 1, 1", await AttemptsAsync("half", "a", 200, 200, 200, 200));
    }

    [Fact]
    public async Task Says_that_it_is_open()
    {
        await AttemptsAsync("half", "a", 500, 500, 500, 500);
        var o = await _rig.AnswerAsync(_rig.Policies.ForApp("half", "a"), 200);
        Assert.Equal("circuit breaker is open", Assert.IsType<CircuitOpenException>(o.Error).Message);
    }

    [Theory]
    [InlineData("half", new[] { 404, 404, 404, 404, 200 }, new[] { 1, 1, 1, 1, 0 })]
    [InlineData("half", new[] { 200, 500, 200, 500, 200 }, new[] { 1, 1, 1, 1, 0 })]
    [InlineData("plain", new[] { 500, 500, 500, 500, 500, 500, 500 }, new[] { 1, 1, 1, 1, 1, 1, 0 })]
    [InlineData("matching", new[] { 404, 404, 404, 404, 200 }, new[] { 1, 1, 1, 1, 0 })]
    [InlineData("matching", new[] { 302, 302, 302, 302, 200 }, new[] { 1, 1, 1, 1, 1 })]
    public async Task Counts_as_recorded_on_the_runtime(string app, int[] statuses, int[] attempts) =>
        Assert.Equal(string.Join(", ", attempts), await AttemptsAsync(app, "a", statuses));

    [Fact]
    public async Task A_query_is_not_part_of_the_path()
    {
        await AttemptsAsync("plain", "f", 500, 500, 500, 500, 500, 500);
        Assert.Equal("0", await AttemptsAsync("plain", "f?x=1", 200));
    }

    [Fact]
    public async Task Counts_every_attempt_and_ends_the_retries_when_it_opens()
    {
        var o = await _rig.AnswerAsync(_rig.Policies.ForApp("retried", "a"), 500);
        Assert.Equal(3, o.Attempts);
        Assert.IsType<CircuitOpenException>(o.Error);
        Assert.Equal("0", await AttemptsAsync("retried", "a", 200));
    }

    [Fact]
    public async Task Half_open_takes_so_many_probes_and_closes_after_so_many_successes()
    {
        await AttemptsAsync("probes", "a", 500);
        _rig.Time.Advance(TimeSpan.FromSeconds(2.1));
        var policy = _rig.Policies.ForApp("probes", "a");
        var answer = new TaskCompletionSource<int>();
        var probes = new[] { Probe(), Probe() };
        var third = await _rig.AnswerAsync(policy, 200);
        Assert.Equal("too many requests", Assert.IsType<CircuitOpenException>(third.Error).Message);
        answer.SetResult(200);
        await Task.WhenAll(probes);
        Assert.Equal("1, 1, 1", await AttemptsAsync("probes", "a", 200, 200, 200));

        Task<int> Probe() => policy.RunAsync(_ => answer.Task, _ => null, CancellationToken.None);
    }

    [Fact]
    public async Task The_result_of_an_earlier_generation_is_ignored()
    {
        var policy = _rig.Policies.ForApp("probes", "a");
        var late = new TaskCompletionSource<int>();
        var running = policy.RunAsync(_ => late.Task, status => status, CancellationToken.None);
        await AttemptsAsync("probes", "a", 500);
        _rig.Time.Advance(TimeSpan.FromSeconds(2.1));
        Assert.Equal("1", await AttemptsAsync("probes", "a", 200));
        late.SetResult(500);
        await running;
        Assert.Equal("1, 1", await AttemptsAsync("probes", "a", 200, 200));
    }

    [Fact]
    public async Task The_interval_clears_the_counters_of_a_closed_breaker()
    {
        await AttemptsAsync("reset", "a", 500);
        _rig.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("1, 1", await AttemptsAsync("reset", "a", 500, 200));
        Assert.Equal("1, 0", await AttemptsAsync("reset", "a", 500, 200));
    }

    [Fact]
    public async Task A_rule_that_fails_does_not_trip() =>
        Assert.Equal(
            "1, 1, 1, 1, 1, 1, 1, 1", await AttemptsAsync("undecided", "a", 500, 500, 500, 500, 500, 500, 500, 500));

    [Fact]
    public async Task The_cache_keeps_the_breakers_used_last()
    {
        await AttemptsAsync("small", "a", 500);
        await AttemptsAsync("small", "b", 200);
        Assert.Equal("0", await AttemptsAsync("small", "a", 200));
        await AttemptsAsync("small", "c", 200);
        Assert.Equal("0", await AttemptsAsync("small", "a", 200));
        await AttemptsAsync("small", "b", 200);
        await AttemptsAsync("small", "c", 200);
        Assert.Equal("1", await AttemptsAsync("small", "a", 200));
    }
}
