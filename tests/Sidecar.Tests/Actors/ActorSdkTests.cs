using CloudPhone.Sidecar.Tests.State;
using Dapr.Actors;

namespace CloudPhone.Sidecar.Tests.Actors;

public class ActorSdkTests
{
    [Fact]
    public async Task Remoting_and_weak_proxies_reach_the_actor_and_its_state_is_kept()
    {
        await using var app = await PhoneApp.StartAsync(StateSidecar.NewFile());
        Assert.Equal(2, await app.Phone("p 1").AddAsync(2));
        Assert.Equal(5, await app.Phone("p 1").AddAsync(3));
        Assert.Equal("p 1", await app.Phone("p 1").WhoAsync());
        var weak = app.Proxies.Create(new ActorId("p 1"), nameof(PhoneActor));
        Assert.Equal(6, await weak.InvokeMethodAsync<int, int>("AddAsync", 1));
        Assert.Equal("6", (await app.Sidecar.GetAsync("/v1.0/actors/PhoneActor/p%201/state/sum")).Body);
        await app.Phone("p 1").ForgetStateAsync();
        Assert.Equal(204, (await app.Sidecar.GetAsync("/v1.0/actors/PhoneActor/p%201/state/sum")).Status);
    }

    [Fact]
    public async Task Exceptions_come_back_as_the_sdk_makes_them()
    {
        await using var app = await PhoneApp.StartAsync();
        var failed = await Assert.ThrowsAsync<ActorMethodInvocationException>(() => app.Phone("p").FailAsync("no"));
        Assert.Contains("no", failed.ToString(), StringComparison.Ordinal);
        var weak = app.Proxies.Create(new ActorId("p"), nameof(PhoneActor));
        await Assert.ThrowsAnyAsync<Exception>(() => weak.InvokeMethodAsync("NoSuchMethod"));
        Assert.Equal(1, await app.Phone("p").AddAsync(1));
    }

    [Fact]
    public async Task Turns_keep_a_counter_right_and_an_actor_may_call_itself_and_others()
    {
        await using var app = await PhoneApp.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => app.Phone("p").AddAsync(1)));
        Assert.Equal(50, await app.Phone("p").ReadAsync());
        Assert.Equal(55, await app.Phone("p").AskItselfAsync());
        Assert.Equal(1, await app.Phone("p").AskAsync("q"));
    }

    [Fact]
    public async Task Timers_call_back_until_they_are_stopped()
    {
        await using var app = await PhoneApp.StartAsync();
        await app.Phone("p").StartTimerAsync("t");
        await app.SeenAsync("p timer tick", 3);
        await app.Phone("p").StopTimerAsync("t");
        await app.Phone("p").StopTimerAsync("t");
    }

    [Fact]
    public async Task Reminders_call_back_once_or_again_and_again()
    {
        await using var app = await PhoneApp.StartAsync();
        await app.Phone("p").RemindAsync("once", TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(-1));
        await app.Phone("p").RemindAsync("every", TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(300));
        await app.Phone("p").RepeatAsync("twice", 2);
        await app.SeenAsync("p once data of once");
        await app.SeenAsync("p every data of every", 8);
        Assert.Single(app.Log, e => e == "p once data of once");
        Assert.Equal(["p twice nothing", "p twice nothing"],
            app.Log.Where(e => e.StartsWith("p twice", StringComparison.Ordinal)));
        Assert.Equal("00:00:00.3000000 data of every", await app.Phone("p").PeriodOfReminderAsync("every"));
        await app.Phone("p").ForgetAsync("every");
        await app.Phone("p").ForgetAsync("every");
        Assert.Equal(404, (await app.Sidecar.GetAsync("/v1.0/actors/PhoneActor/p/reminders/every")).Status);
    }

    [Fact]
    public async Task State_and_reminders_outlive_the_sidecar()
    {
        await using var app = await PhoneApp.StartAsync(StateSidecar.NewFile());
        await app.Phone("p").AddAsync(7);
        await app.Phone("p").RemindAsync("every", TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300));
        await app.Phone("p").RemindAsync("later", TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(-1));
        await app.SeenAsync("p every data of every");
        await app.Sidecar.DisposeAsync();
        Assert.Contains("p deactivated", app.Log);
        var before = app.Log.Count(e => e == "p every data of every");
        await app.StartSidecarAsync();
        await app.SeenAsync("p every data of every", before + 2);
        await app.SeenAsync("p later data of later");
        Assert.Equal(7, await app.Phone("p").ReadAsync());
    }

    [Fact]
    public async Task An_idle_actor_leaves_memory_and_finds_its_state_again()
    {
        await using var app = await PhoneApp.StartAsync(idle: TimeSpan.FromMilliseconds(300));
        await app.Phone("p").AddAsync(4);
        await app.SeenAsync("p deactivated");
        Assert.Equal(4, await app.Phone("p").ReadAsync());
    }
}
