using CloudPhone.Sidecar.Tests.Testing;
using static CloudPhone.Sidecar.Tests.Actors.ActorSidecar;

namespace CloudPhone.Sidecar.Tests.Actors;

public class DeactivationTests
{
    [Fact]
    public async Task An_idle_actor_is_deactivated_and_comes_back_with_the_next_call()
    {
        await using var host = await ActorSidecar.StartAsync(
            """
            {"entities":["DeviceActor","Long"],"actorIdleTimeout":"1h",
             "entitiesConfig":[{"entities":["DeviceActor"],"actorIdleTimeout":"400ms"}]}
            """);
        await host.PutAsync("i1/method/x");
        await host.Sidecar.CallAsync("PUT", "/v1.0/actors/Long/i1/method/x");
        var deactivated = (await host.App.WaitAsync(AppPath("i1")))[0];
        Assert.Equal(("DELETE", "", false),
            (deactivated.Method, deactivated.Body, deactivated.Headers.ContainsKey("content-type")));
        await Wait.UntilAsync("the actor to be gone", async () =>
            (await host.PutAsync("i1/state", "[]")) is { Status: 400, ErrorCode: "ERR_ACTOR_INSTANCE_MISSING" });
        Assert.Empty(host.App.Requests("/actors/Long/i1"));
        Assert.Equal(200, (await host.PutAsync("i1/method/x")).Status);
        Assert.Equal(204, (await host.PutAsync("i1/state", "[]")).Status);
        await host.App.WaitAsync(AppPath("i1"), 2);
    }

    [Fact]
    public async Task A_busy_actor_is_not_idle()
    {
        await using var host = await ActorSidecar.StartAsync(
            """{"entities":["DeviceActor"],"actorIdleTimeout":"300ms"}""",
            prepare: app => app.On(AppPath("b/method/slow"), new Reply(200, Delay: TimeSpan.FromSeconds(1.5))));
        await host.PutAsync("b/method/slow");
        var call = host.App.Requests(AppPath("b/method/slow")).Single();
        var deactivated = (await host.App.WaitAsync(AppPath("b")))[0];
        Assert.True(deactivated.At - call.At >= TimeSpan.FromSeconds(1.5));
    }

    [Fact]
    public async Task At_the_end_active_actors_are_deactivated_after_their_running_calls()
    {
        await using var host = await ActorSidecar.StartAsync(
            prepare: app => app.On(AppPath("a/method/slow"), new Reply(200, Delay: TimeSpan.FromSeconds(1))));
        await host.PutAsync("b/method/x");
        var running = host.PutAsync("a/method/slow");
        var started = (await host.App.WaitAsync(AppPath("a/method/slow")))[0].At;
        await host.Sidecar.StopAsync();
        Assert.Equal(200, (await running).Status);
        Assert.True(host.App.Requests(AppPath("a"), "DELETE").Single().At - started >= TimeSpan.FromSeconds(0.9));
        Assert.Single(host.App.Requests(AppPath("b"), "DELETE"));
    }

    [Fact]
    public async Task A_call_that_outlives_the_drain_does_not_hold_the_end_up()
    {
        await using var host = await ActorSidecar.StartAsync(
            """{"entities":["DeviceActor"],"drainOngoingCallTimeout":"200ms"}""",
            prepare: app => app.On(AppPath("a/method/slow"), new Reply(200, Delay: TimeSpan.FromSeconds(3))));
        var running = host.PutAsync("a/method/slow");
        var started = (await host.App.WaitAsync(AppPath("a/method/slow")))[0].At;
        var stop = host.Sidecar.StopAsync();
        Assert.True((await host.App.WaitAsync(AppPath("a")))[0].At - started < TimeSpan.FromSeconds(2.5));
        await stop;
        await Task.WhenAny(running);
    }
}
