using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Devices.Installs;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Tests.Supervision;

public sealed class TwoInstancesTests
{
    [Fact]
    public async Task A_second_instance_shares_the_work_and_leaves_the_phones_of_the_first_alone()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var app = Guid.CreateVersion7();
        platform.Siblings.Apps[app] = "pending";
        var phones = new List<Guid> { (await platform.CreateRunningAsync("a")).Id };
        var process = await ProcessOfAsync(platform, phones[0]);
        var leftover = Path.Combine(platform.PhonesFolder, Guid.CreateVersion7().ToString());
        Directory.CreateDirectory(leftover);

        await using var second = platform.AddInstance();
        using var client = second.As(platform.User);
        (await client.PostAsJsonAsync("/api/devices", new { name = "b", cpuCores = 2, memoryGB = 4 }))
            .EnsureSuccessStatusCode();
        await Wait.UntilAsync("the first sweep of the second", () => !Directory.Exists(leftover));
        phones.Add(await platform.Service.InDatabaseAsync(db =>
            db.Set<Device>().Where(d => d.Name == "b").Select(d => d.Id).SingleAsync()));
        await platform.WaitAsync(phones[1], DeviceStatus.Running);
        for (var i = 0; i < 10; i++)
            (await (i % 2 == 0 ? client : platform.Client).PostAsJsonAsync(
                $"/api/devices/{phones[i % 2]}/install", new { appId = app })).EnsureSuccessStatusCode();
        await Wait.UntilAsync("all installs to be told", () => second.InDatabaseAsync(db =>
            db.Set<Install>().AllAsync(i => i.NextAttemptAt == null && i.Status == InstallStatus.Installed)), 60);

        Assert.Equal(10, platform.Siblings.Results.Count);
        Assert.All(platform.Siblings.Results.Values, told => Assert.Equal("installed", Assert.Single(told)));
        Assert.Equal(process, await ProcessOfAsync(platform, phones[0]));
        Assert.Empty(await platform.Service.PublishedAsync<DeviceError>());
        Assert.Equal(2, (await platform.Service.PublishedAsync<DeviceStarted>()).Count);
    }

    static Task<string> ProcessOfAsync(DevicePlatform platform, Guid phone) =>
        File.ReadAllTextAsync(Path.Combine(platform.PhonesFolder, phone.ToString(), "run.json"));
}
