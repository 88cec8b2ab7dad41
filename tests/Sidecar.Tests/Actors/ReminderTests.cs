using System.Diagnostics;
using CloudPhone.Sidecar.Tests.State;
using CloudPhone.Sidecar.Tests.Testing;
using static CloudPhone.Sidecar.Tests.Actors.ActorSidecar;

namespace CloudPhone.Sidecar.Tests.Actors;

public class ReminderTests
{
    public static TheoryData<string> Kinds => StateSidecar.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_one_shot_fires_once_wakes_its_actor_and_is_gone(string kind)
    {
        await using var host = await ActorSidecar.StartAsync(place: StateSidecar.NewPlace(kind));
        var made = await host.PutAsync("r/reminders/once",
            """{"dueTime":"0h0m0s300ms","period":"","data":"eyJrIjoxfQ=="}""");
        Assert.Equal((204, ""), (made.Status, made.Body));
        Assert.Equal(200, (await host.GetAsync("r/reminders/once")).Status);
        var fired = (await host.App.WaitAsync(AppPath("r/method/remind/once")))[0];
        Assert.Equal(("PUT", """{"data":"eyJrIjoxfQ==","dueTime":"","period":""}""", "application/json"),
            (fired.Method, fired.Body, fired.Headers["content-type"]));
        await GoneAsync(host, "r/reminders/once");
        var missing = await host.GetAsync("r/reminders/once");
        Assert.Equal(("ERR_ACTOR_REMINDER_NOT_FOUND", "actor reminder not found: once"),
            (missing.ErrorCode, missing.Message));
        Assert.Single(host.App.Requests(AppPath("r/method/remind/once")));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_periodic_one_can_be_read_replaced_and_deleted(string kind)
    {
        await using var host = await ActorSidecar.StartAsync(place: StateSidecar.NewPlace(kind));
        var callback = AppPath("r/method/remind/every");
        await host.PutAsync("r/reminders/every", """{"dueTime":"1h","period":"1h","data":{"a":0}}""");
        await host.PutAsync("r/reminders/every", """{"dueTime":"300ms","period":"300ms","data":{"a": 1}}""");
        var fired = await host.App.WaitAsync(callback, 3);
        Assert.Equal("""{"data":{"a":1},"dueTime":"","period":""}""", fired[0].Body);
        Assert.InRange((fired[2].At - fired[0].At).TotalSeconds, 0.5, 1.5);
        Assert.Equal(
            """{"actorID":"r","actorType":"DeviceActor","data":{"a":1},"dueTime":"300ms","period":"@every 300ms"}""",
            (await host.GetAsync("r/reminders/every")).Body);
        Assert.Equal((204, ""), Short(await host.DeleteAsync("r/reminders/every")));
        Assert.Equal((204, ""), Short(await host.DeleteAsync("r/reminders/every")));
        Assert.Equal(404, (await host.GetAsync("r/reminders/every")).Status);
        await AnotherAsync(host, "after", "500ms");
        var count = host.App.Requests(callback).Count;
        await AnotherAsync(host, "later", "1s");
        Assert.Equal(count, host.App.Requests(callback).Count);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_period_may_repeat_a_number_of_times_and_ttl_ends_it(string kind)
    {
        await using var host = await ActorSidecar.StartAsync(place: StateSidecar.NewPlace(kind));
        await host.PutAsync("r/reminders/three", """{"dueTime":"0s","period":"R3/PT0.1S"}""");
        await host.PutAsync("r/reminders/short", """{"dueTime":"0s","period":"100ms","ttl":"450ms"}""");
        await GoneAsync(host, "r/reminders/three");
        await GoneAsync(host, "r/reminders/short");
        Assert.Equal(3, host.App.Requests(AppPath("r/method/remind/three")).Count);
        Assert.InRange(host.App.Requests(AppPath("r/method/remind/short")).Count, 1, 6);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_failing_callback_is_tried_three_times_a_second_apart(string kind)
    {
        await using var host = await ActorSidecar.StartAsync(place: StateSidecar.NewPlace(kind));
        host.App.On(AppPath("f/method/remind/late"), 500, 500, 200);
        host.App.On(AppPath("f/method/remind/never"), 500);
        await host.PutAsync("f/reminders/late", """{"dueTime":"100ms"}""");
        await host.PutAsync("g/reminders/never", """{"dueTime":"100ms"}""");
        host.App.On(AppPath("g/method/remind/never"), 500);
        await GoneAsync(host, "f/reminders/late");
        await GoneAsync(host, "g/reminders/never");
        var late = host.App.Requests(AppPath("f/method/remind/late"));
        Assert.Equal(3, late.Count);
        Assert.InRange((late[2].At - late[0].At).TotalSeconds, 1.9, 4);
        Assert.Equal(3, host.App.Requests(AppPath("g/method/remind/never")).Count);
    }

    [Fact]
    public async Task The_app_may_end_it_by_a_header()
    {
        await using var host = await ActorSidecar.StartAsync(prepare: app =>
            app.On(AppPath("r/method/remind/every"), 200, new Reply(200, Headers: ("X-Daprremindercancel", "true"))));
        await host.PutAsync("r/reminders/every", """{"dueTime":"100ms","period":"100ms"}""");
        await GoneAsync(host, "r/reminders/every");
        Assert.Equal(2, host.App.Requests(AppPath("r/method/remind/every")).Count);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task One_that_its_own_callback_sets_again_stays(string kind)
    {
        await using var host = await ActorSidecar.StartAsync(place: StateSidecar.NewPlace(kind), prepare: app =>
            app.On(AppPath("r/method/remind/again"), new Reply(200, Delay: TimeSpan.FromSeconds(1))));
        await host.PutAsync("r/reminders/again", """{"dueTime":"0s"}""");
        await host.App.WaitAsync(AppPath("r/method/remind/again"));
        await host.PutAsync("r/reminders/again", """{"dueTime":"2s","data":2}""");
        Assert.Equal("""{"data":2,"dueTime":"","period":""}""",
            (await host.App.WaitAsync(AppPath("r/method/remind/again"), 2))[1].Body);
    }

    [Theory]
    [InlineData("DeviceActor", """{"dueTime":"soon"}""", 500, "ERR_ACTOR_REMINDER_CREATE")]
    [InlineData("DeviceActor", """{"dueTime":"R2/PT1S"}""", 500, "ERR_ACTOR_REMINDER_CREATE")]
    [InlineData("DeviceActor", """{"dueTime":"1s","period":"R3/P1DT"}""", 500, "ERR_ACTOR_REMINDER_CREATE")]
    [InlineData("DeviceActor", """{"dueTime":"1s","period":"P1D"}""", 500, "ERR_ACTOR_REMINDER_CREATE")]
    [InlineData("DeviceActor", "{", 400, "ERR_MALFORMED_REQUEST")]
    [InlineData("Other", """{"dueTime":"1s"}""", 403, "ERR_ACTOR_REMINDER_NON_HOSTED")]
    public async Task Wrong_ones_are_refused(string type, string body, int status, string code)
    {
        await using var host = await ActorSidecar.StartAsync();
        var answer = await host.Sidecar.CallAsync("PUT", $"/v1.0/actors/{type}/r/reminders/x", body);
        Assert.Equal((status, code), (answer.Status, answer.ErrorCode));
    }

    [Theory, InlineData("state.sqlite"), InlineData("state.redis")]
    public async Task Thousands_cost_little(string kind)
    {
        await using var host = await ActorSidecar.StartAsync(place: StateSidecar.NewPlace(kind));
        var watch = Stopwatch.StartNew();
        await Parallel.ForAsync(0, 2000, async (i, _) =>
            Assert.Equal(204, (await host.PutAsync($"m{i}/reminders/x", $$"""{"dueTime":"{{4000 + i}}ms"}""")).Status));
        await Wait.UntilAsync("all reminders", () =>
            host.App.Requests(method: "PUT").Count(r => r.Path.EndsWith("/remind/x")) >= 2000, 60);
        Assert.Equal(2000, host.App.Requests(method: "PUT").Count);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"2000 reminders set and fired in {watch.Elapsed.TotalSeconds:0.0} s");
    }

    static (int, string) Short(Answer a) => (a.Status, a.Body);

    static Task GoneAsync(ActorSidecar host, string path) =>
        Wait.UntilAsync($"the end of {path}", async () => (await host.GetAsync(path)).Status == 404);

    /// <summary>Waits for another reminder: what was to come meanwhile has come.</summary>
    static async Task AnotherAsync(ActorSidecar host, string name, string due)
    {
        await host.PutAsync($"other/reminders/{name}", $$"""{"dueTime":"{{due}}"}""");
        await host.App.WaitAsync(AppPath($"other/method/remind/{name}"));
    }
}
