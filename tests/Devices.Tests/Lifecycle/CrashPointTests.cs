using CloudPhone.Contracts;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Tests.Lifecycle;

/// <summary>What a process that died after any step has left is taken up by the next one.</summary>
public sealed class CrashPointTests
{
    [Theory]
    [InlineData(CreationStep.Requested, false)]
    [InlineData(CreationStep.Reserved, false)]
    [InlineData(CreationStep.Placed, false)]
    [InlineData(CreationStep.Placed, true)]
    [InlineData(CreationStep.Provisioned, true)]
    [InlineData(CreationStep.Announced, true)]
    public async Task A_creation_goes_on_from_its_last_step(CreationStep step, bool phoneExists)
    {
        await using var platform = await DevicePlatform.StartAsync(withSidecar: false);
        var id = Guid.CreateVersion7();
        if (step >= CreationStep.Reserved)
            platform.Siblings.Quota[id] = step == CreationStep.Announced ? "counted" : "reserved";
        if (step >= CreationStep.Placed)
            platform.Siblings.Placements[id] = true;
        if (phoneExists)
            await platform.Provider.CreateAsync(new(id, 1, 1), default);
        await AddAsync(platform, id, DeviceStatus.Creating, step);
        await RestartAsync(platform);
        await platform.WaitAsync(id, DeviceStatus.Running);
        Assert.Equal("counted", platform.Siblings.Quota[id]);
        Assert.Single(await platform.Service.PublishedAsync<DeviceStarted>());
        Assert.Equal(step == CreationStep.Announced ? 0
            : 1, (await platform.Service.PublishedAsync<DeviceCreated>()).Count);
        Assert.Single(Directory.GetDirectories(platform.PhonesFolder));
    }

    [Theory]
    [InlineData(DeviceStatus.Creating, 0)]
    [InlineData(DeviceStatus.Starting, 0)]
    [InlineData(DeviceStatus.Recovering, 3)] // no try is spent, and its last is not over
    public async Task A_phone_that_went_down_in_its_boot_with_everything_has_its_time_again(
        DeviceStatus status, int before)
    {
        await using var platform = await DevicePlatform.StartAsync(withSidecar: false);
        var id = Guid.CreateVersion7();
        await platform.Provider.CreateAsync(new(id, 1, 1), default);
        await AddAsync(platform, id, status, CreationStep.Announced);
        var now = DateTimeOffset.UtcNow;
        await platform.Service.InDatabaseAsync(db => db.Set<Device>().ExecuteUpdateAsync(s => s
            .SetProperty(d => d.StatusSince, now.AddMinutes(-10)).SetProperty(d => d.BootDeadline, now.AddMinutes(-8))
            .SetProperty(d => d.RecoveryAttempts, before)));
        await platform.Provider.StartAsync(id, default);
        await Wait.UntilAsync(
            "it to run", async () => (await platform.Provider.GetStateAsync(id, default)).Adb is not null, 60);
        PhoneProcess.Kill(platform.PhonesFolder, id);
        await RestartAsync(platform);
        await platform.WaitAsync(id, DeviceStatus.Running);
        Assert.Empty(await platform.Service.PublishedAsync<DeviceCreationFailed>());
        Assert.Empty(await platform.Service.PublishedAsync<DeviceError>());
        Assert.Equal(status == DeviceStatus.Recovering ? [before] : [],
            (await platform.Service.PublishedAsync<DeviceRecovered>()).Select(r => r.Attempts));
    }

    [Theory]
    [InlineData(CreationStep.Reserved)]
    [InlineData(CreationStep.Placed)]
    [InlineData(CreationStep.Provisioned)]
    public async Task A_creation_that_stood_still_for_long_and_lost_its_room_is_undone_and_told(CreationStep step)
    {
        await using var platform = await DevicePlatform.StartAsync(withSidecar: false);
        platform.Siblings.MaxDevices = 0; // the reservation has expired, and somebody else has the room
        var id = Guid.CreateVersion7();
        await AddAsync(platform, id, DeviceStatus.Creating, step);
        await platform.Service.InDatabaseAsync(db => db.Set<Device>().ExecuteUpdateAsync(s =>
            s.SetProperty(d => d.CreatedAt, DateTimeOffset.UtcNow.AddMinutes(-20))));
        await RestartAsync(platform);
        await Wait.UntilAsync("it to be gone", async () => await platform.GetAsync(id) is null, 60);
        Assert.Equal("quota-exceeded",
            Assert.Single(await platform.Service.PublishedAsync<DeviceCreationFailed>()).ErrorCode);
        Assert.Equal((0, false), (platform.Siblings.Held, platform.HasPhone(id)));
    }

    [Theory]
    [InlineData(DeviceStatus.Starting, DeviceStatus.Running)]
    [InlineData(DeviceStatus.Recovering, DeviceStatus.Running)]
    [InlineData(DeviceStatus.Error, DeviceStatus.Running)]
    [InlineData(DeviceStatus.Stopping, DeviceStatus.Stopped)]
    public async Task What_was_on_its_way_arrives(DeviceStatus left, DeviceStatus arrived)
    {
        await using var platform = await DevicePlatform.StartAsync(withSidecar: false);
        var id = Guid.CreateVersion7();
        await platform.Provider.CreateAsync(new(id, 1, 1), default);
        await AddAsync(platform, id, left, CreationStep.Announced);
        await RestartAsync(platform);
        await platform.WaitAsync(id, arrived);
        Assert.Equal(arrived == DeviceStatus.Running, (await platform.Provider.GetStateAsync(id, default)).Running);
    }

    [Theory]
    [InlineData(CreationStep.Reserved, "provider-failed")]
    [InlineData(CreationStep.Announced, null)]
    public async Task A_removal_is_finished(CreationStep step, string? failure)
    {
        await using var platform = await DevicePlatform.StartAsync(withSidecar: false);
        var id = Guid.CreateVersion7();
        platform.Siblings.Quota[id] = "reserved";
        platform.Siblings.Placements[id] = true;
        await platform.Provider.CreateAsync(new(id, 1, 1), default);
        await platform.Provider.StartAsync(id, default);
        await AddAsync(platform, id, DeviceStatus.Deleting, step, failure);
        await RestartAsync(platform);
        await Wait.UntilAsync("it to be gone", async () => await platform.GetAsync(id) is null, 60);
        Assert.Equal("released", platform.Siblings.Quota[id]);
        Assert.False(platform.HasPhone(id));
        Assert.Equal(failure is null ? 0 : 1, (await platform.Service.PublishedAsync<DeviceCreationFailed>()).Count);
        Assert.Equal(failure is null ? 1 : 0, (await platform.Service.PublishedAsync<DeviceDeleted>()).Count);
    }

    static Task AddAsync(
        DevicePlatform platform, Guid id, DeviceStatus status, CreationStep step, string? failure = null) =>
        platform.Service.InDatabaseAsync(async db =>
        {
            var now = DateTimeOffset.UtcNow;
            db.Add(new Device
            {
                Id = id, UserId = platform.User, Name = "left behind", CpuCores = 1, MemoryGB = 1, Status = status,
                Step = step, CreatedAt = now,
                StatusSince = now, DueAt = now + TimeSpan.FromMinutes(5), FailureCode = failure,
                FailureReason = failure,
                NodeId = step >= CreationStep.Placed ? Guid.CreateVersion7() : null,
            });
            return await db.SaveChangesAsync();
        });

    static async Task RestartAsync(DevicePlatform platform)
    {
        await platform.StopServiceAsync();
        await platform.StartServiceAsync();
    }
}
