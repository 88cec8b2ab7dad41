using System.Net;
using CloudPhone.Contracts;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;

namespace CloudPhone.Devices.Tests.Suspensions;

public sealed class SuspensionTests
{
    static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch;

    static async Task DeliverAsync<TEvent>(DevicePlatform platform, TEvent e) where TEvent : IEvent =>
        Assert.Equal(HttpStatusCode.OK, (await platform.Service.DeliverAsync(e)).StatusCode);

    static UserSuspended Suspended(Guid user, long version) => new(user, "bea", "bea@example.com", "spam", At, version);

    static UserReinstated Reinstated(Guid user, long version) => new(user, "bea", "bea@example.com", At, version);

    [Fact]
    public async Task A_suspended_users_phones_stop_and_no_others()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await DeliverAsync(platform, Suspended(Guid.CreateVersion7(), 2));
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(id))!.Status);
        await DeliverAsync(platform, Suspended(platform.User, 2));
        await platform.WaitAsync(id, DeviceStatus.Stopped);
        Assert.Equal("suspended", Assert.Single(await platform.Service.PublishedAsync<DeviceStopped>()).Reason);
        async Task IsRefusedAsync(Task<HttpResponseMessage> call)
        {
            using var answer = await call;
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains("\"user-suspended\"", await answer.Content.ReadAsStringAsync());
        }

        await IsRefusedAsync(platform.PostAsync());
        await IsRefusedAsync(platform.Client.PostAsync($"/api/devices/{id}/start", null));
        await DeliverAsync(
            platform, new SchedulerActionDue(Guid.CreateVersion7(), id, platform.User, "start", DateTimeOffset.UtcNow));
        Assert.Equal(DeviceStatus.Stopped, (await platform.GetAsync(id))!.Status);

        await DeliverAsync(platform, Reinstated(platform.User, 3));
        using var start = await platform.Client.PostAsync($"/api/devices/{id}/start", null);
        Assert.Equal(HttpStatusCode.Accepted, start.StatusCode);
        await platform.WaitAsync(id, DeviceStatus.Running);
    }

    /// <summary>Whichever comes first, a start that was taken before the suspension ends stopped, and none after it is
    /// taken.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(200)]
    public async Task A_start_that_races_with_a_suspension_ends_stopped(int milliseconds)
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        (await platform.Client.PostAsync($"/api/devices/{id}/stop", null)).Dispose();
        await platform.WaitAsync(id, DeviceStatus.Stopped);
        var start = platform.Client.PostAsync($"/api/devices/{id}/start", null);
        await Task.WhenAny(start, Task.Delay(milliseconds)); // how far the start is differs, which is what is tried
        await DeliverAsync(platform, Suspended(platform.User, 2));
        using var answer = await start;
        Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Forbidden, $"{answer.StatusCode}");
        await platform.WaitAsync(id, DeviceStatus.Stopped);
        using var again = await platform.Client.PostAsync($"/api/devices/{id}/start", null);
        Assert.Equal(HttpStatusCode.Forbidden, again.StatusCode);
        Assert.Equal(DeviceStatus.Stopped, (await platform.GetAsync(id))!.Status);
    }

    [Fact]
    public async Task A_suspension_that_comes_after_its_end_stops_nothing()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await DeliverAsync(platform, Reinstated(platform.User, 3));
        await DeliverAsync(platform, Suspended(platform.User, 2));
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(id))!.Status);
    }

    [Fact]
    public async Task A_phone_that_is_being_made_stops_after_its_boot()
    {
        await using var platform = await DevicePlatform.StartAsync(settings: ("PHONE_BOOT_SECONDS", "2"));
        var id = (await platform.CreateAsync()).Id;
        await DeliverAsync(platform, Suspended(platform.User, 2));
        await platform.WaitAsync(id, DeviceStatus.Stopped);
    }
}
