using CloudPhone.Sidecar.Resiliency;

namespace CloudPhone.Sidecar.Tests.Resiliency;

public class RetryTests
{
    const string Spec = """
          policies:
            retries:
              all: {policy: constant, duration: 200ms, maxRetries: 3}
              some: {policy: constant, duration: 200ms, maxRetries: 3,
                matching: {httpStatusCodes: "429,500-599", gRPCStatusCodes: "14"}}
              endless: {duration: 1s}
              never: {maxRetries: 0}
          targets:
            apps:
              device-service: {retry: some}
              device-service.default: {retry: all}
              endless: {retry: endless}
              never: {retry: never}
        """;

    readonly Rig _rig = new(Spec);

    PolicyRunner Matching => _rig.Policies.ForApp("device-service", "a");
    PolicyRunner All => _rig.Policies.ForApp("device-service.default", "a");

    [Fact]
    public async Task Repeats_after_the_same_wait_and_gives_the_last_answer_as_it_is()
    {
        var o = await _rig.AnswerAsync(Matching, 500);
        Assert.Equal((4, 500), (o.Attempts, o.Status));
        Assert.All(o.Gaps, g => Assert.Equal(0.2, g, 0.011));
    }

    [Theory]
    [InlineData(3, 200, 500, 500, 200)]
    [InlineData(2, 200, 429, 200)]
    [InlineData(1, 404, 404)]
    [InlineData(1, 302, 302)]
    public async Task Repeats_what_matches(int attempts, int status, params int[] answers)
    {
        var o = await _rig.AnswerAsync(Matching, answers);
        Assert.Equal((attempts, status), (o.Attempts, o.Status));
    }

    [Theory]
    [InlineData(4, 404, 404)]
    [InlineData(1, 302, 302)]
    [InlineData(2, 200, 400, 200)]
    public async Task Without_matching_repeats_every_failure(int attempts, int status, params int[] answers)
    {
        var o = await _rig.AnswerAsync(All, answers);
        Assert.Equal((attempts, status), (o.Attempts, o.Status));
    }

    [Fact]
    public async Task Transport_errors_have_no_code_and_are_always_repeated()
    {
        var o = await _rig.ThrowAsync(Matching, new HttpRequestException("refused"));
        Assert.Equal(4, o.Attempts);
        Assert.Equal("refused", Assert.IsType<HttpRequestException>(o.Error).Message);
    }

    [Theory]
    [InlineData(14, 4)]
    [InlineData(9, 1)]
    [InlineData(503, 4)]
    [InlineData(404, 1)]
    public async Task The_code_of_an_error_is_looked_up_in_the_list_of_its_kind(int code, int attempts) =>
        Assert.Equal(attempts, (await _rig.ThrowAsync(Matching, new CodedException(code, "x"))).Attempts);

    [Fact]
    public async Task A_permanent_failure_is_not_repeated()
    {
        var o = await _rig.ThrowAsync(All, new PermanentException("no"));
        Assert.Equal(1, o.Attempts);
        Assert.IsType<PermanentException>(o.Error);
    }

    [Fact]
    public async Task Without_maxRetries_goes_on_until_it_succeeds()
    {
        var o = await _rig.AnswerAsync(_rig.Policies.ForApp("endless", "a"), [.. Enumerable.Repeat(500, 500), 200]);
        Assert.Equal((501, 200), (o.Attempts, o.Status));
    }

    [Fact]
    public async Task MaxRetries_0_tries_once() =>
        Assert.Equal(1, (await _rig.AnswerAsync(_rig.Policies.ForApp("never", "a"), 500)).Attempts);

    [Fact]
    public async Task Cancelling_ends_the_wait_for_the_next_try()
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(4.5), _rig.Time);
        var o = await _rig.RunAsync(_rig.Policies.ForApp("endless", "a"), (_, _) => Task.FromResult(500), cancel.Token);
        Assert.IsAssignableFrom<OperationCanceledException>(o.Error);
        Assert.Equal(5, o.Attempts);
    }

    [Fact]
    public async Task Answers_that_are_repeated_are_disposed_and_the_last_is_not()
    {
        var answers = new List<MemoryStream>();
        var policy = new Rig(Spec.Replace("200ms", "0s")).Policies.ForApp("device-service", "a");
        var last = await policy.RunAsync(_ =>
        {
            answers.Add(new());
            return Task.FromResult(answers[^1]);
        }, _ => 500, CancellationToken.None);
        Assert.Equal([false, false, false, true], answers.Select(a => a.CanRead));
        Assert.Same(answers[^1], last);
    }
}
