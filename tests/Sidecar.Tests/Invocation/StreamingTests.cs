using System.Diagnostics;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Invocation;

public sealed class StreamingTests
{
    const string Events = "/v1.0/invoke/device-service/method/events";
    const string Upload = "/v1.0/invoke/device-service/method/upload";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_chunked_request_arrives_whole_and_chunked(bool apart)
    {
        await using var pair = await Pair.StartAsync(apart: apart);

        var answer = await pair.InvokeAsync("POST", "x", "0123456789", chunked: true);

        Assert.Equal(200, answer.Status);
        Assert.Equal("0123456789", pair.Last.Body);
        Assert.Equal("chunked", pair.Last.Headers["transfer-encoding"]);
        Assert.DoesNotContain("content-length", pair.Last.Headers.Keys);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Server_sent_events_arrive_as_they_are_sent(bool apart)
    {
        await using var pair = await Pair.StartAsync(apart: apart);
        await using var app = await StreamingApp.StartAsync(pair.App.Port, pair.App);

        using var request = Answer.Request(pair.Caller.HttpEndpoint, "GET", Events);
        using var response = await pair.Caller.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.ToString());
        for (var i = 0; i < 3; i++)
        {
            app.Send($"event {i}");
            Assert.Equal($"data: event {i}", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        }
        app.End();
        Assert.Null(await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_the_call_at_the_app()
    {
        await using var pair = await Pair.StartAsync();
        await using var app = await StreamingApp.StartAsync(pair.App.Port, pair.App);

        using (var request = Answer.Request(pair.Caller.HttpEndpoint, "GET", Events))
        using (await pair.Caller.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
            app.Send("first");

        await app.Left.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_body_is_passed_on_before_its_end()
    {
        await using var pair = await Pair.StartAsync();
        await using var app = await StreamingApp.StartAsync(pair.App.Port, pair.App);
        var more = new TaskCompletionSource();
        using var request = Answer.Request(pair.Caller.HttpEndpoint, "POST", Upload);
        request.Content = new PausingContent(more.Task);

        var sending = pair.Caller.Http.SendAsync(request);
        Assert.Equal("begin", await app.FirstPart.WaitAsync(TimeSpan.FromSeconds(10)));
        more.SetResult();

        var watch = Stopwatch.StartNew();
        Assert.Equal("beginend", (await Answer.OfAsync(await sending)).Body);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_long_answer_passes_beyond_the_limit_of_requests(bool withLength)
    {
        await using var pair = await Pair.StartAsync(apart: true);
        pair.App.On("/big", new Reply(
            Body: new string('y', 6_000_000), Headers: withLength ? [("Content-Length", "6000000")] : []));

        var answer = await pair.InvokeAsync("GET", "big");

        Assert.Equal((200, 6_000_000), (answer.Status, answer.Body.Length));
    }
}
