using System.Net;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Devices.Snapshots;
using CloudPhone.Devices.Tests.Operations;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Tests.Snapshots;

/// <summary>Copies that take long, and what happens beside them.</summary>
public sealed class LongCopyTests
{
    [Fact]
    public async Task A_clone_that_copies_for_long_holds_up_nobody_and_is_copied_once()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await platform.WriteAsync(id, "before");
        var snapshot = await platform.TakeAsync(id, "s");
        await platform.WaitAsync(id, DeviceStatus.Running);
        var pipe = await SnapshotCalls.MakePipeAsync(Path.Combine(platform.FolderOf(snapshot), "disk", "pipe"));
        var clone = await platform.CloneAsync(snapshot);
        await UntilAsync(platform, clone, OperationStatus.Running);
        await Wait.UntilAsync("the copy to stand still", () => Tries(platform, clone).Length == 1);
        // its actor answers, and what is overdue is looked at without a second copy
        await Expect.ProblemAsync(await platform.Client.DeleteAsync($"/api/devices/{clone}"), 409, "busy");
        await platform.Service.InDatabaseAsync(db => db.Set<Device>().Where(d => d.Id == clone)
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.DueAt, DateTimeOffset.UtcNow.AddMinutes(-1))));
        await Wait.UntilAsync("it to be looked at", async () =>
            (await platform.RowAsync(clone)).DueAt > DateTimeOffset.UtcNow);
        await Expect.ProblemAsync(
            await platform.Client.DeleteAsync($"/api/devices/snapshots/{snapshot}"), 409, "busy");
        Assert.Equal(OperationStatus.Succeeded, (await platform.RunAsync("stop", [id])).Status);
        Assert.Single(Tries(platform, clone));
        await File.WriteAllTextAsync(pipe, "through");
        await platform.WaitAsync(clone, DeviceStatus.Running);
        Assert.Equal("before", await platform.ReadAsync(clone));
        Assert.Null((await platform.RowAsync(clone)).HeldBy);
        Assert.Equal(OperationStatus.Succeeded, (await platform.EndOfAsync(clone)).Status);
    }

    [Fact]
    public async Task A_users_copies_take_turns_and_what_is_being_removed_is_not_used()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var (first, second) = ((await platform.CreateRunningAsync()).Id, (await platform.CreateRunningAsync()).Id);
        await platform.WriteAsync(second, "mine");
        await platform.RunAsync("stop", [first, second]);
        var (slow, other) = (await platform.TakeAsync(first, "slow"), await platform.TakeAsync(first, "other"));
        var pipe = await SnapshotCalls.MakePipeAsync(Path.Combine(platform.FolderOf(slow), "disk", "pipe"));
        var (one, two) = (await platform.BeginAsync($"{first}/restore", new { snapshotId = slow }),
            await platform.BeginAsync($"{second}/restore", new { snapshotId = other }));
        await UntilAsync(platform, one, OperationStatus.Running);
        Assert.Equal(OperationStatus.Succeeded, (await platform.RunAsync("start", [second])).Status);
        Assert.Equal(OperationStatus.Pending,
            (await platform.GetAsync<OperationView>($"/api/devices/operations/{two}"))!.Status);
        await platform.Service.InDatabaseAsync(db => db.Set<Snapshot>().Where(s => s.Id == other)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.Status, SnapshotStatus.Deleting)));
        await File.WriteAllTextAsync(pipe, "through");
        Assert.Equal(OperationStatus.Succeeded, (await platform.EndOfAsync(one)).Status);
        Assert.Equal("provider-failed", Assert.Single((await platform.EndOfAsync(two)).Items!).Problem!.Type);
        await platform.WaitAsync(second, DeviceStatus.Running);
        Assert.Equal("mine", await platform.ReadAsync(second));
    }

    [Fact]
    public async Task Of_many_at_once_no_more_are_taken_than_a_user_may_have()
    {
        await using var platform = await DevicePlatform.StartAsync(settings: ("MAX_SNAPSHOTS_PER_USER", "2"));
        var id = (await platform.CreateRunningAsync()).Id;
        var answers = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(i => platform.PostAsync($"{id}/snapshots", new { name = $"s{i}" })));
        Assert.Equal(2, answers.Count(a => a.StatusCode == HttpStatusCode.Accepted));
        Assert.Equal(2, await platform.Service.InDatabaseAsync(db => db.Set<Snapshot>().CountAsync()));
        foreach (var snapshot in (await platform.SnapshotsAsync()).Items)
            await platform.EndOfAsync(snapshot.Id);
        await platform.WaitAsync(id, DeviceStatus.Running);
    }

    [Fact]
    public async Task What_is_made_of_a_snapshot_comes_before_its_removal_or_not_at_all()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await platform.RunAsync("stop", [id]);
        for (var i = 0; i < 5; i++)
        {
            var snapshotId = await platform.TakeAsync(id, "s");
            var restore = platform.PostAsync($"{id}/restore", new { snapshotId });
            using var removed = await platform.Client.DeleteAsync($"/api/devices/snapshots/{snapshotId}");
            using var restored = await restore;
            if (restored.StatusCode == HttpStatusCode.Accepted)
                Assert.Equal(OperationStatus.Succeeded, (await platform.EndOfAsync(Guid.Parse(
                    restored.Headers.Location!.OriginalString.Split('/')[^1]))).Status);
            else
                Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NoContent),
                    (restored.StatusCode, removed.StatusCode));
        }
    }

    static string[] Tries(DevicePlatform platform, Guid id) =>
        Directory.Exists(Path.Combine(platform.PhonesFolder, $"{id}"))
            ? Directory.GetDirectories(Path.Combine(platform.PhonesFolder, $"{id}"), "restored.*") : [];

    static Task UntilAsync(DevicePlatform platform, Guid operation, OperationStatus status) =>
        Wait.UntilAsync($"the operation to be {status}", async () =>
            (await platform.GetAsync<OperationView>($"/api/devices/operations/{operation}"))!.Status == status, 60);
}
