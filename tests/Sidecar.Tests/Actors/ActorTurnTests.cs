using CloudPhone.Sidecar.Actors;
using CloudPhone.Sidecar.Tests.Testing;
using static CloudPhone.Sidecar.Tests.Actors.ActorSidecar;

namespace CloudPhone.Sidecar.Tests.Actors;

public class ActorTurnTests
{
    static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(800);

    [Fact]
    public async Task Calls_of_one_actor_wait_for_each_other_and_those_of_two_do_not()
    {
        await using var host = await ActorSidecar.StartAsync(prepare: app =>
        {
            app.On(AppPath("t1/method/slow"), new Reply(200, Delay: Slow));
            app.On(AppPath("t2/method/slow"), new Reply(200, Delay: Slow));
        });
        var answers = await Task.WhenAll(new[] { "t1", "t1", "t2" }.Select(id => host.PutAsync($"{id}/method/slow")));
        Assert.All(answers, a => Assert.Equal(200, a.Status));
        var first = host.App.Requests(AppPath("t1/method/slow"));
        Assert.True(first[1].At - first[0].At >= Slow * 0.9);
        Assert.True(host.App.Requests(AppPath("t2/method/slow"))[0].At - first[0].At < Slow * 0.9);
    }

    [Fact]
    public async Task A_call_of_the_chain_that_has_the_turn_enters_at_once_up_to_the_depth()
    {
        await using var host = await ActorSidecar.StartAsync(
            """{"entities":["DeviceActor"],"reentrancy":{"enabled":true,"maxStackDepth":2}}""",
            prepare: app => app.On(AppPath("t/method/outer"), new Reply(200, Delay: TimeSpan.FromSeconds(3))));
        var outer = host.PutAsync("t/method/outer");
        var chain = (await host.App.WaitAsync(AppPath("t/method/outer")))[0].Headers["dapr-reentrancy-id"];
        Assert.Equal(200, (await host.PutAsync("t/method/inner", headers: ("Dapr-Reentrancy-Id", chain))).Status);
        host.App.On(AppPath("t/method/deep"), new Reply(200, Delay: TimeSpan.FromSeconds(2)));
        var deep = host.PutAsync("t/method/deep", headers: ("Dapr-Reentrancy-Id", chain));
        await host.App.WaitAsync(AppPath("t/method/deep"));
        var deeper = await host.PutAsync("t/method/inner", headers: ("Dapr-Reentrancy-Id", chain));
        Assert.Equal((500, "error invoke actor method: maximum stack depth exceeded"), (deeper.Status, deeper.Message));
        Assert.False(outer.IsCompleted);
        Assert.Equal(200, (await deep).Status);
        Assert.Equal(200, (await outer).Status);
        Assert.Equal(200, (await host.PutAsync("t/method/inner")).Status);
    }

    [Fact]
    public async Task Without_reentrancy_there_is_no_header_and_the_chain_waits_as_well()
    {
        var turns = new ActorTurns(new(false, 32));
        await turns.EnterAsync("c", default);
        var second = turns.EnterAsync("c", default);
        Assert.False(second.IsCompleted);
        turns.Leave();
        await second;
        await using var host = await ActorSidecar.StartAsync("""{"entities":["DeviceActor"]}""");
        await host.PutAsync("t/method/x");
        Assert.DoesNotContain("dapr-reentrancy-id", host.App.Requests(AppPath("t/method/x")).Single().Headers);
    }

    [Fact]
    public async Task A_caller_that_gives_up_waiting_leaves_the_line()
    {
        var turns = new ActorTurns(new(true, 32));
        await turns.EnterAsync(null, default);
        using var impatient = new CancellationTokenSource();
        var second = turns.EnterAsync(null, impatient.Token);
        var third = turns.EnterAsync(null, default);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        turns.Leave();
        await third;
        turns.Leave();
        Assert.True(turns.IsIdle);
    }

    [Fact]
    public async Task A_types_policy_repeats_and_limits_calls()
    {
        await using var host = await ActorSidecar.StartAsync(resources:
        ["""
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata:
          name: actors
        spec:
          policies:
            timeouts: {t: 600ms}
            retries:
              r: {policy: constant, duration: 100ms, maxRetries: 2}
          targets:
            actors:
              DeviceActor: {timeout: t, retry: r}
        """]);
        host.App.On(AppPath("p/method/fail"), 500);
        host.App.On(AppPath("p/method/slow"), new Reply(200, Delay: TimeSpan.FromMilliseconds(1500)));
        Assert.Equal(500, (await host.PutAsync("p/method/fail")).Status);
        Assert.Equal(3, host.App.Requests(AppPath("p/method/fail")).Count);
        var slow = await host.PutAsync("p/method/slow");
        Assert.Equal((500, "ERR_ACTOR_INVOKE_METHOD"), (slow.Status, slow.ErrorCode));
        Assert.Equal(3, host.App.Requests(AppPath("p/method/slow")).Count);
    }
}
