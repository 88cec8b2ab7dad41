using System.Net;
using CloudPhone.Contracts;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Hosting;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;

namespace CloudPhone.Devices.Tests.Lifecycle;

/// <summary>How much storage a phone has is what billing charges: it must be told with each run.</summary>
public sealed class StorageTests
{
    [Theory]
    [InlineData("null", 10)]
    [InlineData("4", 4)]
    [InlineData("200", 200)]
    public async Task It_is_kept_shown_and_told(string asked, int expected)
    {
        await using var platform = await DevicePlatform.StartAsync(settings: ("MAX_DEVICE_STORAGE_GB", "200"));
        using var answer = await platform.Client.PostAsync("/api/devices", new StringContent(
            $$"""{"name":"p","cpuCores":1,"memoryGB":1,"storageGB":{{asked}}}""", null, "application/json"));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var created = await UntilToldAsync<DeviceCreated>(platform);
        Assert.Equal(expected, created.StorageGB);
        Assert.Equal(expected, (await UntilToldAsync<DeviceStarted>(platform)).StorageGB);
        await platform.WaitAsync(created.DeviceId, DeviceStatus.Running);
        Assert.Equal(expected, (await platform.GetAsync(created.DeviceId))!.StorageGB);
    }

    [Fact]
    public async Task Unless_asked_for_it_is_ten_and_an_older_phone_has_none_and_tells_none()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var device = await platform.CreateRunningAsync();
        Assert.Equal(10, device.StorageGB);
        await CommandAsync(platform, device.Id, "stop", DeviceStatus.Stopped);
        await platform.Service.InDatabaseAsync(db => db.Set<Device>().Where(d => d.Id == device.Id)
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.StorageGB, (int?)null)));
        await CommandAsync(platform, device.Id, "start", DeviceStatus.Running);
        Assert.Null((await platform.GetAsync(device.Id))!.StorageGB);
        Assert.Equal([10, null], (await platform.Service.PublishedAsync<DeviceStarted>())
            .OrderBy(e => e.Version).Select(e => e.StorageGB));
    }

    [Fact]
    public void A_limit_below_what_a_phone_usually_has_ends_the_start()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["CLOUDPHONE_DATA"] = "/nowhere", ["MAX_DEVICE_STORAGE_GB"] = "9",
        }).Build();
        var refused = Assert.Throws<SettingException>(() => DeviceOptions.Read(settings));
        Assert.Contains("MAX_DEVICE_STORAGE_GB", refused.Message, StringComparison.Ordinal);
    }

    static async Task CommandAsync(DevicePlatform platform, Guid id, string command, DeviceStatus reached)
    {
        using var answer = await platform.Client.PostAsync($"/api/devices/{id}/{command}", null);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await platform.WaitAsync(id, reached);
    }

    static async Task<TEvent> UntilToldAsync<TEvent>(DevicePlatform platform) where TEvent : IEvent
    {
        await Wait.UntilAsync(TEvent.EventName, async () =>
            (await platform.Service.PublishedAsync<TEvent>()).Count == 1, 60);
        return (await platform.Service.PublishedAsync<TEvent>())[0];
    }
}
