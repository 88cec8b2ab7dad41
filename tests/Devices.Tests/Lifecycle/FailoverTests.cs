using CloudPhone.Contracts;
using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Tests.Lifecycle;

public sealed class FailoverTests
{
    [Fact]
    public async Task A_phone_whose_process_was_killed_comes_back_on_its_data()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        var marker = Path.Combine(platform.PhonesFolder, id.ToString(), "marker");
        await File.WriteAllTextAsync(marker, "data");
        PhoneProcess.Kill(platform.PhonesFolder, id);
        await Wait.UntilAsync("it to recover", async () =>
            (await platform.Service.PublishedAsync<DeviceRecovered>()).Count == 1, 60);
        await platform.WaitAsync(id, DeviceStatus.Running);
        var error = Assert.Single(await platform.Service.PublishedAsync<DeviceError>());
        Assert.Equal(("CONTAINER_CRASHED", "HIGH"), (error.ErrorType, error.Priority));
        Assert.True(error.Version < (await platform.Service.PublishedAsync<DeviceRecovered>())[0].Version);
        Assert.Single(await platform.Service.PublishedAsync<DeviceStarted>());
        Assert.True(File.Exists(marker));
    }

    /// <summary>Each start that ends in a crash is a try: what none of them heals is given up, and not started again
    /// and again meanwhile.</summary>
    [Fact]
    public async Task A_phone_that_crashes_at_every_start_is_healed_in_steps_then_given_up_and_can_be_deleted()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.NodeToMoveTo = "there";
        var id = (await platform.CreateRunningAsync()).Id;
        await PhoneProcess.FaultAsync(platform.PhonesFolder, id, "crash", stays: true);
        await platform.WaitAsync(id, DeviceStatus.Failed, 90);
        Assert.Equal(3, Assert.Single(await platform.Service.PublishedAsync<DeviceFailed>()).Attempts);
        Assert.Single(await platform.Service.PublishedAsync<DeviceError>());
        var history = (await platform.GetAsync<Page<HistoryView>>($"/api/devices/{id}/history?limit=100"))!.Items;
        Assert.Equal(["try 3: relocate", "try 2: recreate", "try 1: restart"],
            history.Where(h => h.Trigger == Trigger.Recover).Select(h => h.Reason));
        Assert.InRange((await platform.RowAsync(id)).Version, 1, 40);
        await platform.Client.DeleteAsync($"/api/devices/{id}");
        Assert.Null(await platform.GetAsync(id));
        Assert.Equal(0, platform.Siblings.Held);
    }

    [Fact]
    public async Task A_phone_that_crashes_soon_after_each_recovery_was_not_healed_and_is_given_up()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        foreach (var (way, tries) in new[] { ("", 1), ("", 2), ("ran for long", 1), ("host", 1), ("", 2), ("", 3) })
        {
            if (way == "ran for long")
                await platform.Service.InDatabaseAsync(db => db.Set<Device>().ExecuteUpdateAsync(s =>
                    s.SetProperty(d => d.StatusSince, DateTimeOffset.UtcNow - (2 * Recovery.Steady))));
            var before = (await platform.Service.PublishedAsync<DeviceRecovered>()).Count;
            if (way == "host")
            {
                await platform.StopServiceAsync();
                PhoneProcess.ShutDown(platform.PhonesFolder, id);
                await platform.StartServiceAsync();
            }
            else
                PhoneProcess.Kill(platform.PhonesFolder, id);
            await Wait.UntilAsync("it to recover", async () =>
                (await platform.Service.PublishedAsync<DeviceRecovered>()).Count > before, 60);
            Assert.Equal(tries, (await platform.Service.PublishedAsync<DeviceRecovered>())[^1].Attempts);
        }
        PhoneProcess.Kill(platform.PhonesFolder, id);
        await platform.WaitAsync(id, DeviceStatus.Failed);
        await platform.Client.PostAsync($"/api/devices/{id}/start", null); // its user may try again
        await platform.WaitAsync(id, DeviceStatus.Running);
        Assert.Equal(0, (await platform.RowAsync(id)).RecoveryAttempts);
    }

    /// <summary>It was not told as started yet: the change that ends it tells of two events.</summary>
    [Fact]
    public async Task A_phone_that_crashes_in_the_boot_of_its_start_is_healed_and_told_as_started_and_recovered()
    {
        await using var platform = await DevicePlatform.StartAsync(settings: ("PHONE_BOOT_SECONDS", "3"));
        var id = (await platform.CreateRunningAsync()).Id;
        await platform.Client.PostAsync($"/api/devices/{id}/stop", null);
        await platform.WaitAsync(id, DeviceStatus.Stopped);
        await platform.Client.PostAsync($"/api/devices/{id}/start", null);
        await Wait.UntilAsync("it to boot", async () =>
            (await platform.Provider.GetStateAsync(id, default)).Adb is not null);
        PhoneProcess.Kill(platform.PhonesFolder, id);
        await platform.WaitAsync(id, DeviceStatus.Running);
        Assert.Equal("CONTAINER_CRASHED",
            Assert.Single(await platform.Service.PublishedAsync<DeviceError>()).ErrorType);
        var recovered = Assert.Single(await platform.Service.PublishedAsync<DeviceRecovered>());
        Assert.Equal((await platform.Service.PublishedAsync<DeviceStarted>())[1].Version + 1, recovered.Version);
    }

    [Fact]
    public async Task A_phone_that_lost_its_container_gets_another_on_its_data()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        var folder = Path.Combine(platform.PhonesFolder, id.ToString());
        await File.WriteAllTextAsync(Path.Combine(folder, "marker"), "data");
        File.Delete(Path.Combine(folder, "phone.json"));
        PhoneProcess.Kill(platform.PhonesFolder, id);
        await Wait.UntilAsync("it to recover", async () =>
            (await platform.Service.PublishedAsync<DeviceRecovered>()).Count == 1, 60);
        Assert.True(File.Exists(Path.Combine(folder, "marker")));
    }

    [Fact]
    public async Task Phones_outlive_the_service_and_those_that_did_not_are_restarted()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var kept = (await platform.CreateRunningAsync()).Id;
        var lost = (await platform.CreateRunningAsync()).Id;
        await platform.StopServiceAsync();
        PhoneProcess.ShutDown(platform.PhonesFolder, lost);
        var pid = PhoneProcess.Pid(platform.PhonesFolder, kept);
        await platform.StartServiceAsync();
        await Wait.UntilAsync("the lost one to recover", async () =>
            (await platform.Service.PublishedAsync<DeviceRecovered>()).Count == 1, 60);
        Assert.Equal(lost, (await platform.Service.PublishedAsync<DeviceRecovered>())[0].DeviceId);
        var error = Assert.Single(await platform.Service.PublishedAsync<DeviceError>());
        Assert.Equal(("HOST_STOPPED", "LOW"), (error.ErrorType, error.Priority));
        Assert.Equal(pid, PhoneProcess.Pid(platform.PhonesFolder, kept));
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(kept))!.Status);
    }

    /// <summary>It runs for ten minutes, and its lock says when it ended.</summary>
    [Theory]
    [InlineData(-60, -60)] // a minute before the service found out
    [InlineData(-3600, -600)] // by a clock that is wrong: not before it started
    [InlineData(3600, 0)] // nor in the future
    public async Task A_crash_is_dated_when_the_phone_ended(int ended, int dated)
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        var now = DateTimeOffset.UtcNow;
        var started = now.AddSeconds(-600);
        await platform.Service.InDatabaseAsync(db => db.Set<Device>().ExecuteUpdateAsync(s => s
            .SetProperty(d => d.StatusSince, started).SetProperty(d => d.StartedAt, started)));
        await platform.StopServiceAsync();
        PhoneProcess.Kill(platform.PhonesFolder, id);
        PhoneProcess.SetLastSeen(platform.PhonesFolder, id, now.AddSeconds(ended));
        await platform.StartServiceAsync();
        await platform.WaitAsync(id, DeviceStatus.Running);
        await Wait.UntilAsync("it to recover", async () =>
            (await platform.Service.PublishedAsync<DeviceRecovered>()).Count == 1, 60);
        var error = Assert.Single(await platform.Service.PublishedAsync<DeviceError>());
        Assert.InRange(error.OccurredAt, now.AddSeconds(dated - 1), now.AddSeconds(dated == 0 ? 60 : dated + 1));
    }

    [Fact]
    public async Task Phones_that_nobody_knows_are_removed_at_start()
    {
        await using var platform = await DevicePlatform.StartAsync();
        await platform.CreateRunningAsync();
        var id = Guid.CreateVersion7();
        await platform.Provider.CreateAsync(new(id, 1, 1), default);
        await platform.Provider.StartAsync(id, default);
        await Wait.UntilAsync(
            "it to run", async () => (await platform.Provider.GetStateAsync(id, default)).Adb is not null, 60);
        await platform.StopServiceAsync();
        await platform.StartServiceAsync();
        await Wait.UntilAsync("it to be gone", () => !platform.HasPhone(id), 60);
    }

    [Fact]
    public async Task Phones_of_another_database_are_left_alone()
    {
        await using var platform = await DevicePlatform.StartAsync(withSidecar: false);
        var id = Guid.CreateVersion7();
        await platform.Provider.CreateAsync(new(id, 1, 1), default);
        await platform.StopServiceAsync();
        await platform.StartServiceAsync();
        var device = (await platform.CreateRunningAsync()).Id; // the first sweep is over by then
        Assert.True(platform.HasPhone(id));
        Assert.True(platform.HasPhone(device));
    }
}
