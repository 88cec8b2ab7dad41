using System.Diagnostics;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Tests.Testing;
using static CloudPhone.Sidecar.Tests.Actors.ActorSidecar;

namespace CloudPhone.Sidecar.Tests.Actors;

public class ActorCallTests
{
    [Fact]
    public async Task A_call_reaches_the_app_as_a_put_and_the_answer_comes_back_untouched()
    {
        await using var host = await ActorSidecar.StartAsync();
        var path = AppPath("d1/method/start");
        host.App.On(path, new Reply(200, """{"ok":1}""", default, ("x-own", "v")));
        var answer = await host.PutAsync("d1/method/start", """{"a":1}""", ("x-custom", "c"),
            ("dapr-caller-app-id", "forged"));
        Assert.Equal((200, """{"ok":1}""", "application/json", "v"),
            (answer.Status, answer.Body, answer.Headers["content-type"], answer.Headers["x-own"]));
        var seen = host.App.Requests(path).Single();
        Assert.Equal(("PUT", """{"a":1}""", "application/json", "c"),
            (seen.Method, seen.Body, seen.Headers["content-type"], seen.Headers["x-custom"]));
        Assert.Equal(("true", "device-service", "default"),
            (seen.Headers["dapr-api-call"], seen.Headers["dapr-caller-app-id"], seen.Headers["dapr-caller-namespace"]));
        Assert.True(Guid.TryParse(seen.Headers["dapr-reentrancy-id"], out _));
        foreach (var verb in (string[])["POST", "GET", "DELETE"])
            Assert.Equal(200, (await host.Sidecar.CallAsync(verb, $"{Base}/d1/method/start")).Status);
        Assert.Equal(4, host.App.Requests(path, "PUT").Count);
    }

    [Fact]
    public async Task Any_bytes_and_content_type_pass()
    {
        await using var host = await ActorSidecar.StartAsync();
        await host.PutAsync("d1/method/remote", "<binary>", ("content-type", "application/octet-stream; charset=utf-8"),
            ("X-DaprRequestHeader", "<xml/>"));
        var seen = host.App.Requests(AppPath("d1/method/remote")).Single();
        Assert.Equal(("<binary>", "application/octet-stream; charset=utf-8", "<xml/>"),
            (seen.Body, seen.Headers["content-type"], seen.Headers["x-daprrequestheader"]));
    }

    [Theory]
    [InlineData(400, """{"title": "no"}""",
        """error invoke actor method: error from actor service: (400) {"title": "no"}""")]
    [InlineData(500, "broken", "error invoke actor method: error from actor service: (500) broken")]
    [InlineData(404, "", "error invoke actor method: actor method not found: actors/DeviceActor/d1/method/m")]
    public async Task An_answer_other_than_200_is_an_error_and_is_not_repeated(int status, string body, string message)
    {
        await using var host = await ActorSidecar.StartAsync();
        host.App.On(AppPath("d1/method/m"), new Reply(status, body));
        var answer = await host.PutAsync("d1/method/m");
        Assert.Equal((500, "ERR_ACTOR_INVOKE_METHOD", message), (answer.Status, answer.ErrorCode, answer.Message));
        Assert.Single(host.App.Requests(AppPath("d1/method/m")));
    }

    [Fact]
    public async Task Ids_keep_their_encoding()
    {
        await using var host = await ActorSidecar.StartAsync();
        foreach (var id in (string[])["a%20b", "a%2Fb", "%E4%BA%91", "x%25y"])
        {
            Assert.Equal(200, (await host.Sidecar.CallAsync("PUT", $"//v1.0/actors/DeviceActor/{id}/method/x")).Status);
            Assert.Contains(host.App.Requests(), r => r.Path == AppPath($"{id}/method/x"));
        }
    }

    [Theory]
    [InlineData("%2E%2E/method/x", 404)]
    [InlineData("d/method/%2E%2E", 404)]
    [InlineData("d/method/../../%2E%2E/dapr/method/x", 404)]
    [InlineData("a%7C%7Cb/method/x", 400)]
    public async Task Names_that_would_mean_another_path_or_actor_are_refused(string path, int status)
    {
        await using var host = await ActorSidecar.StartAsync();
        var before = host.App.Requests().Count;
        Assert.Equal(status, (await host.PutAsync(path)).Status);
        Assert.Equal(before, host.App.Requests().Count);
    }

    [Fact]
    public async Task An_unknown_type_fails_within_seconds()
    {
        await using var host = await ActorSidecar.StartAsync();
        var watch = Stopwatch.StartNew();
        var answer = await host.Sidecar.CallAsync("PUT", "/v1.0/actors/NoSuchType/1/method/x");
        Assert.Equal((500, "ERR_ACTOR_INVOKE_METHOD",
            "error invoke actor method: did not find address for actor: NoSuchType/1"),
            (answer.Status, answer.ErrorCode, answer.Message));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 6);
    }

    [Fact]
    public async Task A_sidecar_calls_actors_that_its_neighbour_hosts()
    {
        await using var neighbourhood = new SidecarNeighbourhood();
        await using var host = await ActorSidecar.StartAsync(neighbourhood: neighbourhood);
        await using var caller = await TestSidecar.StartAsync("app-service", neighbourhood: neighbourhood);
        Assert.Equal(200, (await caller.CallAsync("PUT", $"{Base}/d1/method/x", "1")).Status);
        Assert.Equal("app-service", host.App.Requests(AppPath("d1/method/x")).Single().Headers["dapr-caller-app-id"]);
        await host.Sidecar.StopAsync();
        Assert.Equal((500, "ERR_ACTOR_INVOKE_METHOD"),
            await StatusAndCodeAsync(caller.CallAsync("PUT", $"{Base}/d1/method/x")));
    }

    [Fact]
    public async Task Metadata_tells_the_hosted_types_and_active_actors()
    {
        await using var host = await ActorSidecar.StartAsync();
        await host.PutAsync("a/method/x");
        await host.PutAsync("b/method/x");
        var runtime = (await host.Sidecar.GetAsync("/v1.0/metadata")).Json.GetProperty("actorRuntime");
        Assert.Equal(
            """{"runtimeStatus":"RUNNING","activeActors":[{"type":"DeviceActor","count":2}],"hostReady":true,"""
            + "\"placement\":\"placement: connected\"}",
            runtime.GetRawText());
    }

    [Fact]
    public async Task Two_actor_state_stores_are_one_too_many()
    {
        var e = await Assert.ThrowsAsync<ConfigurationException>(() =>
            TestSidecar.StartAsync("device-service", resources:
            [Store(), TestSidecar.Component("other", "state.in-memory", ("actorStateStore", "true"))]));
        Assert.Contains("'other': detected duplicate actor state store: 'statestore'", e.Message,
            StringComparison.Ordinal);
    }

    static async Task<(int, string)> StatusAndCodeAsync(Task<Answer> call)
    {
        var answer = await call;
        return (answer.Status, answer.ErrorCode);
    }
}
