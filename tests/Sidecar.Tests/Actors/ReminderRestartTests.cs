using System.Diagnostics;
using CloudPhone.Sidecar.Tests.State;
using CloudPhone.Sidecar.Tests.Testing;
using static CloudPhone.Sidecar.Tests.Actors.ActorSidecar;

namespace CloudPhone.Sidecar.Tests.Actors;

public class ReminderRestartTests
{
    [Theory, InlineData("state.sqlite"), InlineData("state.redis")]
    public async Task Reminders_go_on_after_the_sidecar_was_stopped_and_started(string kind)
    {
        var place = StateSidecar.NewPlace(kind);
        await using var app = await RecordingApp.StartAsync(Config);
        await using (var first = await ActorSidecar.StartAsync(app, place: place))
        {
            await first.CallAsync("PUT", $"{Base}/r/reminders/every",
                """{"dueTime":"100ms","period":"300ms","data":1}""");
            await first.CallAsync("PUT", $"{Base}/r/reminders/missed", """{"dueTime":"1200ms","data":"m"}""");
            await app.WaitAsync(AppPath("r/method/remind/every"), 2);
        }
        var before = app.Requests(AppPath("r/method/remind/every")).Count;
        Assert.Empty(app.Requests(AppPath("r/method/remind/missed")));
        await PassAsync(TimeSpan.FromSeconds(1.5)); // it becomes due while nothing runs
        Assert.Equal(before, app.Requests(AppPath("r/method/remind/every")).Count);
        await using var second = await ActorSidecar.StartAsync(app, place: place);
        await app.WaitAsync(AppPath("r/method/remind/every"), before + 2);
        Assert.Equal("""{"data":"m","dueTime":"","period":""}""",
            (await app.WaitAsync(AppPath("r/method/remind/missed")))[0].Body);
        await Wait.UntilAsync("the end of missed", async () =>
            (await second.GetAsync($"{Base}/r/reminders/missed")).Status == 404);
        Assert.Single(app.Requests(AppPath("r/method/remind/missed")));
    }

    [Fact]
    public async Task What_a_killed_process_leaves_behind_is_enough()
    {
        var file = StateSidecar.NewFile();
        await using var app = await RecordingApp.StartAsync(Config);
        await using var first = await ActorSidecar.StartAsync(app, place: [("connectionString", file)]);
        await first.CallAsync("PUT", $"{Base}/r/reminders/one", """{"dueTime":"1h","period":"2h","data":{"a":1}}""");
        await first.CallAsync("PUT", $"{Base}/r/reminders/two", """{"dueTime":"1h"}""");
        await first.CallAsync("DELETE", $"{Base}/r/reminders/two");
        // the files as they are now are what a killed process leaves: nothing was closed or flushed
        var left = StateSidecar.NewFile();
        foreach (var suffix in (string[])["", "-wal"])
            File.Copy(file + suffix, left + suffix);
        await using var second = await ActorSidecar.StartAsync(app, place: [("connectionString", left)]);
        Assert.Equal(
            """{"actorID":"r","actorType":"DeviceActor","data":{"a":1},"dueTime":"1h","period":"@every 2h0m0s"}""",
            (await second.GetAsync($"{Base}/r/reminders/one")).Body);
        Assert.Equal(404, (await second.GetAsync($"{Base}/r/reminders/two")).Status);
    }

    [Fact]
    public async Task One_waits_for_an_app_that_is_away()
    {
        var app = await RecordingApp.StartAsync(Config);
        var port = app.Port;
        await using var sidecar = await ActorSidecar.StartAsync(app, place: StateSidecar.NewPlace("state.sqlite"));
        await sidecar.CallAsync("PUT", $"{Base}/r/reminders/x", """{"dueTime":"300ms"}""");
        await app.DisposeAsync();
        await PassAsync(TimeSpan.FromSeconds(4)); // more than three tries' time
        Assert.Equal(200, (await sidecar.GetAsync($"{Base}/r/reminders/x")).Status);
        await using var back = await RecordingApp.StartAsync(Config, port: port);
        await back.WaitAsync(AppPath("r/method/remind/x"));
    }

    static Task PassAsync(TimeSpan time)
    {
        var watch = Stopwatch.StartNew();
        return Wait.UntilAsync($"{time} to pass", () => watch.Elapsed > time);
    }
}
