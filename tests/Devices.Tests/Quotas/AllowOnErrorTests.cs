using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;

namespace CloudPhone.Devices.Tests.Quotas;

public sealed class AllowOnErrorTests
{
    [Fact]
    public async Task Without_it_an_absent_user_service_is_said_and_nothing_is_left()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.UsersAreAway = true;
        var problem = await Expect.ProblemAsync(await platform.PostAsync(), 503, "unavailable");
        Assert.Contains("user-service", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty((await platform.Client.GetFromJsonAsync<Page<object>>("/api/devices"))!.Items);
        Assert.Empty(await platform.Provider.ListAsync(default));
        Assert.Empty(platform.Siblings.Placements);
        Assert.Empty(await platform.Service.PublishedAsync<DeviceCreationFailed>());
    }

    [Fact]
    public async Task With_it_creation_goes_on_and_the_usage_is_counted_when_the_service_is_back()
    {
        await using var platform = await DevicePlatform.StartAsync(settings: ("QUOTA_ALLOW_ON_ERROR", "true"));
        platform.Siblings.UsersAreAway = true;
        var device = await platform.CreateRunningAsync();
        Assert.Empty(platform.Siblings.Quota);
        await platform.StopServiceAsync();
        platform.Siblings.UsersAreAway = false;
        await platform.StartServiceAsync();
        await Wait.UntilAsync("the usage to be counted", () =>
            platform.Siblings.Quota.GetValueOrDefault(device.Id) == "counted", 60);
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(device.Id))!.Status);
    }

    [Fact]
    public async Task A_deletion_is_counted_when_the_service_is_back()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var device = await platform.CreateRunningAsync();
        platform.Siblings.UsersAreAway = true;
        (await platform.Client.DeleteAsync($"/api/devices/{device.Id}")).EnsureSuccessStatusCode();
        Assert.Null(await platform.GetAsync(device.Id));
        platform.Siblings.UsersAreAway = false;
        await Wait.UntilAsync("the usage to be released", () => platform.Siblings.Quota[device.Id] == "released", 60);
    }
}
