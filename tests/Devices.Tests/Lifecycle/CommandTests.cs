using System.Net;
using CloudPhone.Contracts;
using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;

namespace CloudPhone.Devices.Tests.Lifecycle;

public sealed class CommandTests
{
    [Fact]
    public async Task Stop_start_restart_and_delete()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        Assert.Equal(HttpStatusCode.Accepted, await CallAsync(platform, id, "stop"));
        await platform.WaitAsync(id, DeviceStatus.Stopped);
        Assert.False((await platform.Provider.GetStateAsync(id, default)).Running);
        Assert.Equal("user", Assert.Single(await platform.Service.PublishedAsync<DeviceStopped>()).Reason);
        Assert.Null((await platform.GetAsync(id))!.StartedAt);

        await Expect.ProblemAsync(await platform.Client.PostAsync($"/api/devices/{id}/stop", null), 409, "wrong-state");
        await Expect.ProblemAsync(
            await platform.Client.PostAsync($"/api/devices/{id}/restart", null), 409, "wrong-state");
        Assert.Equal(HttpStatusCode.Accepted, await CallAsync(platform, id, "start"));
        await platform.WaitAsync(id, DeviceStatus.Running);
        await Expect.ProblemAsync(
            await platform.Client.PostAsync($"/api/devices/{id}/start", null), 409, "wrong-state");

        Assert.Equal(HttpStatusCode.Accepted, await CallAsync(platform, id, "restart"));
        await Wait.UntilAsync("third start", async () =>
            (await platform.Service.PublishedAsync<DeviceStarted>()).Count == 3, 60);
        Assert.Equal(2, (await platform.Service.PublishedAsync<DeviceStopped>()).Count);

        Assert.Equal(HttpStatusCode.NoContent, (await platform.Client.DeleteAsync($"/api/devices/{id}")).StatusCode);
        Assert.Null(await platform.GetAsync(id));
        Assert.False(platform.HasPhone(id));
        Assert.Equal(0, platform.Siblings.Held);
        Assert.Single(await platform.Service.PublishedAsync<DeviceDeleted>());
        await Expect.ProblemAsync(await platform.Client.DeleteAsync($"/api/devices/{id}"), 404, "not-found");
        Assert.Null((await platform.GetAsync<Page<HistoryView>>($"/api/devices/{id}/history"))!.Items[0].To);
    }

    [Fact]
    public async Task Versions_of_a_phones_events_only_grow()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await CallAsync(platform, id, "restart");
        await Wait.UntilAsync("second start", async () =>
            (await platform.Service.PublishedAsync<DeviceStarted>()).Count == 2, 60);
        await platform.Client.DeleteAsync($"/api/devices/{id}");
        long[] versions =
        [
            (await platform.Service.PublishedAsync<DeviceCreated>())[0].Version,
            (await platform.Service.PublishedAsync<DeviceStarted>())[0].Version,
            (await platform.Service.PublishedAsync<DeviceStopped>())[0].Version,
            (await platform.Service.PublishedAsync<DeviceStarted>())[1].Version,
            (await platform.Service.PublishedAsync<DeviceDeleted>())[0].Version,
        ];
        Assert.Equal(versions.Order().Distinct(), versions);
    }

    [Fact]
    public async Task While_the_balance_is_exhausted_nothing_is_created_or_started()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await DeliverAsync(platform, new BillingBalanceExhausted(platform.User, -1, "CNY", DateTimeOffset.UtcNow, 5));
        await platform.WaitAsync(id, DeviceStatus.Stopped);
        async Task IsRefusedAsync(Task<HttpResponseMessage> call)
        {
            using var answer = await call;
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains("\"balance-exhausted\"", await answer.Content.ReadAsStringAsync());
        }

        await IsRefusedAsync(platform.PostAsync());
        await IsRefusedAsync(platform.Client.PostAsync($"/api/devices/{id}/start", null));
        await IsRefusedAsync(platform.Client.PostAsync($"/api/devices/{id}/restart", null));
        await DeliverAsync(
            platform, new SchedulerActionDue(Guid.CreateVersion7(), id, platform.User, "start", DateTimeOffset.UtcNow));
        await DeliverAsync(platform, Balance(platform.User, 10, 20, 4)); // late: it was used up since
        await DeliverAsync(platform, Balance(platform.User, -0.5m, 0.5m, 6));
        Assert.Equal(DeviceStatus.Stopped, (await platform.GetAsync(id))!.Status);
        await IsRefusedAsync(platform.Client.PostAsync($"/api/devices/{id}/start", null));

        await DeliverAsync(platform, Balance(platform.User, 5, 4, 8));
        Assert.Equal(HttpStatusCode.Accepted, await CallAsync(platform, id, "start"));
        await platform.WaitAsync(id, DeviceStatus.Running);
        Assert.Equal(HttpStatusCode.NoContent, (await platform.Client.DeleteAsync($"/api/devices/{id}")).StatusCode);
    }

    [Fact]
    public async Task An_exhaustion_that_comes_after_the_payment_stops_nothing()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await DeliverAsync(platform, Balance(platform.User, 99, 100, 6));
        await DeliverAsync(platform, new BillingBalanceExhausted(platform.User, -1, "CNY", DateTimeOffset.UtcNow, 5));
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(id))!.Status);
        Assert.Equal(HttpStatusCode.Accepted, await CallAsync(platform, id, "restart"));
    }

    static UserBalanceUpdated Balance(Guid user, decimal balance, decimal delta, long version) =>
        new(user, balance, delta, "CNY", "adjustment", DateTimeOffset.UtcNow, version);

    static async Task DeliverAsync<TEvent>(DevicePlatform platform, TEvent e) where TEvent : IEvent =>
        Assert.Equal(HttpStatusCode.OK, (await platform.Service.DeliverAsync(e)).StatusCode);

    [Fact]
    public async Task An_exhausted_balance_stops_the_users_phones_and_no_others()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await platform.Service.DeliverAsync(
            new BillingBalanceExhausted(Guid.CreateVersion7(), 0, "CNY", DateTimeOffset.UtcNow));
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(id))!.Status);
        await platform.Service.DeliverAsync(
            new BillingBalanceExhausted(platform.User, 0, "CNY", DateTimeOffset.UtcNow));
        await platform.WaitAsync(id, DeviceStatus.Stopped);
        Assert.Equal("balance", Assert.Single(await platform.Service.PublishedAsync<DeviceStopped>()).Reason);
    }

    [Fact]
    public async Task A_phone_that_is_being_made_when_the_balance_ends_stops_after_its_boot()
    {
        await using var platform = await DevicePlatform.StartAsync(settings: ("PHONE_BOOT_SECONDS", "2"));
        var id = (await platform.CreateAsync()).Id;
        await platform.Service.DeliverAsync(
            new BillingBalanceExhausted(platform.User, 0, "CNY", DateTimeOffset.UtcNow));
        await platform.WaitAsync(id, DeviceStatus.Stopped);
        Assert.Equal("balance", Assert.Single(await platform.Service.PublishedAsync<DeviceStopped>()).Reason);
    }

    [Fact]
    public async Task Planned_actions_are_carried_out_once()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        var stop = new SchedulerActionDue(Guid.CreateVersion7(), id, platform.User, "stop", DateTimeOffset.UtcNow);
        await platform.Service.DeliverAsync(stop, "e1");
        await platform.WaitAsync(id, DeviceStatus.Stopped);
        Assert.Equal("schedule", Assert.Single(await platform.Service.PublishedAsync<DeviceStopped>()).Reason);
        await platform.Service.DeliverAsync(stop with { Action = "start" });
        await platform.WaitAsync(id, DeviceStatus.Running);
        await platform.Service.DeliverAsync(stop, "e1");
        await platform.Service.DeliverAsync(stop with { UserId = Guid.CreateVersion7() });
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(id))!.Status);
    }

    [Fact]
    public async Task The_history_says_what_was_planned_and_left_out()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        var start = new SchedulerActionDue(Guid.CreateVersion7(), id, platform.User, "start", DateTimeOffset.UtcNow);
        await DeliverAsync(platform, start);
        await DeliverAsync(platform, start with { UserId = Guid.CreateVersion7() });
        await DeliverAsync(platform, start with { Action = "stop" });
        await platform.WaitAsync(id, DeviceStatus.Stopped);
        var history = (await platform.GetAsync<Page<HistoryView>>($"/api/devices/{id}/history"))!.Items;
        var left = Assert.Single(history, h => h.Trigger == Trigger.Planned);
        Assert.Equal(
            (DeviceStatus.Running, DeviceStatus.Running, "The planned start was left out: the phone is running."),
            (left.From, left.To, left.Reason));
        Assert.Equal(history.Count, history.Select(h => h.Version).Distinct().Count());
        Assert.Equal("schedule", history.Single(h => h.Trigger == Trigger.Stop).Reason);
    }

    static async Task<HttpStatusCode> CallAsync(DevicePlatform platform, Guid id, string command) =>
        (await platform.Client.PostAsync($"/api/devices/{id}/{command}", null)).StatusCode;
}
