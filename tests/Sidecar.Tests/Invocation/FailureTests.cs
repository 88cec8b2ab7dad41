using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Invocation;

/// <summary>Errors that the sidecar itself answers, in the runtime's words.</summary>
public sealed class FailureTests
{
    [Fact]
    public async Task An_unknown_app_is_reported_at_once()
    {
        await using var pair = await Pair.StartAsync();

        var answer = await pair.Caller.InvokeAsync("nobody", "GET", "x");

        Assert.Equal(500, answer.Status);
        Assert.Equal("application/json", answer.Headers["content-type"]);
        Assert.Equal("ERR_DIRECT_INVOKE", answer.ErrorCode);
        Assert.Equal(
            "failed to invoke, id: nobody, err: no healthy services found with AppID 'nobody'", answer.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_app_that_is_down_is_reported_and_not_asked_again(bool apart)
    {
        await using var pair = await Pair.StartAsync(apart: apart);
        await pair.App.DisposeAsync();

        var answer = await pair.InvokeAsync("POST", "x", "{}");

        Assert.Equal((500, "ERR_DIRECT_INVOKE"), (answer.Status, answer.ErrorCode));
        Assert.StartsWith("failed to invoke, id: device-service, err: "
            + "rpc error: code = Internal desc = error invoking app channel: ", answer.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sidecar_that_has_stopped_is_no_longer_found()
    {
        await using var pair = await Pair.StartAsync();
        await pair.Callee.StopAsync();

        var answer = await pair.InvokeAsync("GET", "x");

        Assert.Equal("failed to invoke, id: device-service, err: "
            + "no healthy services found with AppID 'device-service'", answer.Message);
    }

    [Fact]
    public async Task An_app_without_a_port_can_not_be_called()
    {
        await using var sidecar = await TestSidecar.StartAsync("cli");

        var answer = await sidecar.InvokeAsync("cli", "GET", "x");

        Assert.Contains("app channel is not initialized", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_not_passed_on_as_whole()
    {
        await using var pair = await Pair.StartAsync();
        await using var app = await BreakingApp.StartAsync(pair.App.Port, pair.App);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => pair.InvokeAsync("GET", "half"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_for_another_app_at_the_internal_port_is_refused(bool forged)
    {
        await using var pair = await Pair.StartAsync(apart: true);
        var internals = $"http://127.0.0.1:{pair.Callee.Options.InternalGrpcPort}";
        using var request = Answer.Request(
            internals, "GET", "/x", null, false, forged ? [("dapr-callee-app-id", "other")] : []);

        var answer = await Answer.OfAsync(await pair.Caller.Http.SendAsync(request));

        Assert.Equal(500, answer.Status);
        Assert.Contains("app ID mismatch", answer.Body, StringComparison.Ordinal);
        Assert.Empty(pair.App.Requests("/x"));
    }
}
