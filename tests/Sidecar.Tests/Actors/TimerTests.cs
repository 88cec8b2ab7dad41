using CloudPhone.Sidecar.Tests.Testing;
using static CloudPhone.Sidecar.Tests.Actors.ActorSidecar;

namespace CloudPhone.Sidecar.Tests.Actors;

public class TimerTests
{
    [Fact]
    public async Task A_timer_calls_back_with_what_it_was_given_until_it_is_deleted()
    {
        await using var host = await ActorSidecar.StartAsync();
        var callback = AppPath("t/method/timer/tick");
        await host.PutAsync("t/method/x");
        var made = await host.PutAsync("t/timers/tick",
            """{"dueTime":"0h0m0s300ms","period":"0h0m0s300ms","callback":"OnTick","data":{"k": 1}}""");
        Assert.Equal((204, ""), (made.Status, made.Body));
        var ticks = await host.App.WaitAsync(callback, 3);
        Assert.Equal(
            ("PUT", """{"callback":"OnTick","data":{"k":1},"dueTime":"0h0m0s300ms","period":"0h0m0s300ms"}""",
                "application/json"),
            (ticks[0].Method, ticks[0].Body, ticks[0].Headers["content-type"]));
        Assert.DoesNotContain("dapr-reentrancy-id", ticks[0].Headers);
        Assert.InRange((ticks[2].At - ticks[0].At).TotalSeconds, 0.5, 1.5);
        Assert.Equal(204, (await host.DeleteAsync("t/timers/tick")).Status);
        Assert.Equal(204, (await host.DeleteAsync("t/timers/tick")).Status);
        await AnotherTimerAsync(host, "after");
        var count = host.App.Requests(callback).Count;
        await AnotherTimerAsync(host, "later");
        Assert.Equal(count, host.App.Requests(callback).Count);
    }

    [Fact]
    public async Task Without_period_it_fires_once_and_a_new_one_of_that_name_replaces_it()
    {
        await using var host = await ActorSidecar.StartAsync();
        await host.PutAsync("t/timers/once", """{"dueTime":"1h","callback":"Never"}""");
        await host.PutAsync("t/timers/once", """{"dueTime":"100ms","callback":"Once"}""");
        var fired = await host.App.WaitAsync(AppPath("t/method/timer/once"));
        Assert.Equal("""{"callback":"Once","data":null,"dueTime":"100ms","period":""}""", fired[0].Body);
        await AnotherTimerAsync(host, "later");
        Assert.Single(host.App.Requests(AppPath("t/method/timer/once")));
    }

    [Theory]
    [InlineData("""{"period":"100ms","ttl":"450ms"}""", 2, 6)]
    [InlineData("""{"dueTime":"50ms","period":"R3/PT0.1S"}""", 3, 3)]
    public async Task It_ends_after_its_time_or_its_repetitions(string body, int atLeast, int atMost)
    {
        await using var host = await ActorSidecar.StartAsync();
        await host.PutAsync("t/timers/x", body);
        await host.App.WaitAsync(AppPath("t/method/timer/x"), atLeast);
        await AnotherTimerAsync(host, "later", "1s");
        Assert.InRange(host.App.Requests(AppPath("t/method/timer/x")).Count, atLeast, atMost);
    }

    [Fact]
    public async Task A_failing_callback_goes_on_and_the_app_may_end_it()
    {
        await using var host = await ActorSidecar.StartAsync();
        var callback = AppPath("t/method/timer/bad");
        host.App.On(callback, 500, 500, new Reply(200, Headers: ("X-DaprReminderCancel", "true")));
        await host.PutAsync("t/timers/bad", """{"dueTime":"50ms","period":"100ms","callback":"Bad"}""");
        await host.App.WaitAsync(callback, 3);
        await AnotherTimerAsync(host, "later");
        Assert.Equal(3, host.App.Requests(callback).Count);
    }

    [Fact]
    public async Task Timers_end_with_their_actors_deactivation()
    {
        await using var host = await ActorSidecar.StartAsync(
            """{"entities":["DeviceActor"],"actorIdleTimeout":"300ms"}""");
        await host.PutAsync("t/method/x");
        await host.PutAsync("t/timers/late", """{"dueTime":"1500ms","callback":"X"}""");
        await host.App.WaitAsync(AppPath("t"));
        await AnotherTimerAsync(host, "later", "1800ms");
        Assert.Empty(host.App.Requests(AppPath("t/method/timer/late")));
    }

    [Theory]
    [InlineData("""{"dueTime":"soon","callback":"X"}""", 500, "ERR_ACTOR_TIMER_CREATE")]
    [InlineData("""{"dueTime":"R2/PT1S"}""", 500, "ERR_ACTOR_TIMER_CREATE")]
    [InlineData("""{"dueTime":"-1s"}""", 500, "ERR_ACTOR_TIMER_CREATE")]
    [InlineData("""{"dueTime":"1s","ttl":"2001-01-01T00:00:00Z"}""", 500, "ERR_ACTOR_TIMER_CREATE")]
    [InlineData("""{"dueTime":"9000000h"}""", 204, "")]
    [InlineData("""{"dueTime":"P99999Y"}""", 500, "ERR_ACTOR_TIMER_CREATE")]
    [InlineData("""{"dueTime":1}""", 400, "ERR_MALFORMED_REQUEST")]
    [InlineData("[]", 400, "ERR_MALFORMED_REQUEST")]
    public async Task Wrong_times_are_refused(string body, int status, string code)
    {
        await using var host = await ActorSidecar.StartAsync();
        var answer = await host.PutAsync("not-active/timers/x", body);
        Assert.Equal(status, answer.Status);
        if (status != 204)
            Assert.Equal(code, answer.ErrorCode);
    }

    /// <summary>Waits for a timer of another actor: what was to come meanwhile has come.</summary>
    static async Task AnotherTimerAsync(ActorSidecar host, string name, string due = "500ms")
    {
        await host.PutAsync($"other/timers/{name}", $$"""{"dueTime":"{{due}}"}""");
        await host.App.WaitAsync(AppPath($"other/method/timer/{name}"));
    }
}
