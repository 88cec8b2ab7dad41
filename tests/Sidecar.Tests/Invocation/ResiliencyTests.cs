using System.Diagnostics;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Invocation;

/// <summary>What policies do to calls: which answers are repeated and which not, as recorded on the runtime.</summary>
public sealed class ResiliencyTests
{
    const string Retries = """
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata:
          name: cloudphone
        spec:
          policies:
            timeouts: {t: 700ms}
            retries:
              all: {policy: constant, duration: 50ms, maxRetries: 3}
              some: {policy: constant, duration: 50ms, maxRetries: 3, matching: {httpStatusCodes: "429,500-599"}}
              few: {policy: constant, duration: 50ms, maxRetries: 2, matching: {httpStatusCodes: "503"}}
            circuitBreakers:
              half: {maxRequests: 1, timeout: 30s, trip: requests >= 4 && totalFailures * 2 >= requests}
          targets:
            apps:
              device-service: {retry: some}
              device-service.default: {retry: all}
              timed.default: {timeout: t, retry: few}
              timed: {timeout: t}
              broken: {circuitBreaker: half, retry: few}
              nobody: {retry: few}
        """;

    [Theory]
    [InlineData("device-service", "GET", null, false, new[] { 500 }, 4, 500)]
    [InlineData("device-service", "GET", null, false, new[] { 500, 500, 200 }, 3, 200)]
    [InlineData("device-service", "GET", null, false, new[] { 404 }, 1, 404)]
    [InlineData("device-service", "GET", null, false, new[] { 429, 200 }, 2, 200)]
    [InlineData("device-service", "GET", null, false, new[] { 302 }, 1, 302)]
    [InlineData("device-service", "POST", "{\"a\":1}", false, new[] { 500, 200 }, 2, 200)]
    [InlineData("device-service", "POST", "{\"a\":1}", true, new[] { 500, 200 }, 1, 500)]
    [InlineData("device-service", "POST", null, false, new[] { 500, 200 }, 2, 200)]
    [InlineData("device-service.default", "GET", null, false, new[] { 404 }, 4, 404)]
    [InlineData("device-service.default", "GET", null, false, new[] { 302 }, 1, 302)]
    [InlineData("device-service.default", "POST", "{}", false, new[] { 400, 200 }, 2, 200)]
    public async Task Answers_are_repeated_by_status_and_framing(
        string target, string method, string? body, bool chunked, int[] answers, int attempts, int status)
    {
        await using var pair = await Pair.StartAsync([Retries]);
        pair.App.On("/a", [.. answers.Select(s => new Reply(s, "answer"))]);

        var answer = await pair.Caller.InvokeAsync(target, method, "a", body, chunked);

        Assert.Equal((status, "answer"), (answer.Status, answer.Body));
        var got = pair.App.Requests("/a");
        Assert.Equal(attempts, got.Count);
        Assert.All(got, r => Assert.Equal(body ?? "", r.Body));
    }

    [Fact]
    public async Task A_repetition_adds_the_sidecar_once_more_to_the_way()
    {
        await using var pair = await Pair.StartAsync([Retries]);
        pair.App.On("/a", 500, 200);

        await pair.InvokeAsync("GET", "a");

        var ways = pair.App.Requests("/a").Select(r => r.Headers["x-forwarded-for"]).ToArray();
        Assert.Equal($"{ways[0]},{ways[0]}", ways[1]);
    }

    [Theory]
    [InlineData("timed", "GET", false, 1)]
    [InlineData("timed.default", "GET", false, 3)]
    [InlineData("timed.default", "POST", false, 3)]
    [InlineData("timed.default", "POST", true, 1)]
    public async Task A_time_out_is_repeated_unless_the_body_is_gone(
        string target, string method, bool chunked, int attempts)
    {
        await using var pair = await Pair.StartAsync([Retries], callee: o => o with { AppId = "timed" });
        pair.App.On("/a", new Reply(Delay: TimeSpan.FromSeconds(1.5)));

        var watch = Stopwatch.StartNew();
        var answer = await pair.Caller.InvokeAsync(target, method, "a", method == "POST" ? "abc" : null, chunked);

        Assert.Equal(500, answer.Status);
        Assert.Equal($"failed to invoke, id: {target}, err: context deadline exceeded", answer.Message);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.6 * attempts, 0.7 * attempts + 3);
        await pair.App.WaitAsync("/a", attempts);
        Assert.All(pair.App.Requests("/a"), r => Assert.Equal(method == "POST" ? "abc" : "", r.Body));
        Assert.Equal(attempts, pair.App.Requests("/a").Count);
    }

    [Fact]
    public async Task A_time_out_cuts_a_slow_body()
    {
        await using var pair = await Pair.StartAsync([Retries], callee: o => o with { AppId = "timed" });
        await using var app = await StreamingApp.StartAsync(pair.App.Port, pair.App);
        app.Send("first");

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => pair.Caller.InvokeAsync("timed", "GET", "events"));
    }

    [Fact]
    public async Task An_open_breaker_refuses_one_path_and_no_other()
    {
        await using var pair = await Pair.StartAsync([Retries], callee: o => o with { AppId = "broken" });
        pair.App.On("/a", 404);

        for (var i = 0; i < 4; i++)
            Assert.Equal(404, (await pair.Caller.InvokeAsync("broken", "GET", "a?i=" + i)).Status);
        var refused = await pair.Caller.InvokeAsync("broken", "GET", "a");

        Assert.Equal("failed to invoke, id: broken, err: circuit breaker is open", refused.Message);
        Assert.Equal(4, pair.App.Requests("/a").Count);
        Assert.Equal(200, (await pair.Caller.InvokeAsync("broken", "GET", "b")).Status);
    }

    [Fact]
    public async Task Without_a_policy_nothing_that_an_app_answers_is_repeated()
    {
        await using var pair = await Pair.StartAsync();
        pair.App.On("/a", 503);

        Assert.Equal(503, (await pair.InvokeAsync("POST", "a", "{}")).Status);
        Assert.Single(pair.App.Requests("/a"));
    }

    [Fact]
    public async Task A_name_that_is_not_found_is_looked_up_again_under_a_policy()
    {
        await using var pair = await Pair.StartAsync([Retries]);
        var watch = Stopwatch.StartNew();

        var answer = await pair.Caller.InvokeAsync("nobody", "GET", "x");

        Assert.Equal(
            "failed to invoke, id: nobody, err: no healthy services found with AppID 'nobody'", answer.Message);
        Assert.True(watch.ElapsedMilliseconds >= 100);
    }
}
