using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Devices.Snapshots;
using CloudPhone.Devices.Tests.Operations;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Tests.Snapshots;

public sealed class SnapshotTests
{
    [Fact]
    public async Task A_running_phone_is_copied_cloned_and_restored()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await platform.WriteAsync(id, "before");
        var snapshot = await platform.TakeAsync(id, "clean");
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(id))!.Status); // it ran before
        Assert.Equal("snapshot", Assert.Single(await platform.Service.PublishedAsync<DeviceStopped>()).Reason);
        var shown = Assert.Single((await platform.SnapshotsAsync()).Items);
        Assert.Equal((snapshot, id, "clean", SnapshotStatus.Ready),
            (shown.Id, shown.DeviceId, shown.Name, shown.Status));
        Assert.InRange(shown.Bytes!.Value, 6, 1 << 20);

        await platform.WriteAsync(id, "after");
        using var made = await platform.Client.PostAsJsonAsync(
            "/api/devices", new { name = "clone", template = "small", snapshotId = snapshot });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var clone = Guid.Parse(made.Headers.Location!.OriginalString.Split('/')[^1]);
        await platform.WaitAsync(clone, DeviceStatus.Running);
        Assert.Equal("before", await platform.ReadAsync(clone));
        Assert.Equal("after", await platform.ReadAsync(id));

        Assert.Equal(OperationStatus.Succeeded, (await platform.RestoreAsync(id, snapshot)).Status);
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(id))!.Status);
        Assert.Equal("before", await platform.ReadAsync(id));
        var acts = (await platform.GetAsync<Page<HistoryView>>($"/api/devices/{id}/history?limit=100"))!.Items
            .Select(h => h.Act).Where(a => a is "snapshot-taken" or "restored");
        Assert.Equal(["restored", "snapshot-taken"], acts);
    }

    [Fact]
    public async Task Copies_that_are_asked_for_in_a_row_wait_for_each_other_and_for_the_phone()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        var first = await platform.BeginAsync($"{id}/snapshots", new { name = "one" });
        Guid? second = null; // while the phone is held it is refused
        await Wait.UntilAsync("the second to be taken", async () =>
        {
            using var answer = await platform.PostAsync($"{id}/snapshots", new { name = "two" });
            if (answer.StatusCode == HttpStatusCode.Accepted)
                second = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("operationId").GetGuid();
            return second is not null;
        });
        Assert.Equal(OperationStatus.Succeeded, (await platform.EndOfAsync(first)).Status);
        Assert.Equal(OperationStatus.Succeeded, (await platform.EndOfAsync(second!.Value)).Status);
        await platform.WaitAsync(id, DeviceStatus.Running);
    }

    [Fact]
    public async Task A_snapshot_outlives_its_phone_and_its_data_go_with_it()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await platform.RunAsync("stop", [id]);
        var snapshot = await platform.TakeAsync(id, "kept");
        Assert.Equal(DeviceStatus.Stopped, (await platform.GetAsync(id))!.Status); // it was off before
        (await platform.Client.DeleteAsync($"/api/devices/{id}")).EnsureSuccessStatusCode();
        Assert.Single((await platform.SnapshotsAsync($"?deviceId={id}")).Items);
        Assert.True(Directory.Exists(platform.FolderOf(snapshot)));
        using var other = platform.Service.As(Guid.CreateVersion7());
        await Expect.ProblemAsync(await other.DeleteAsync($"/api/devices/snapshots/{snapshot}"), 404, "not-found");
        Assert.Equal(HttpStatusCode.NoContent,
            (await platform.Client.DeleteAsync($"/api/devices/snapshots/{snapshot}")).StatusCode);
        Assert.Empty((await platform.SnapshotsAsync()).Items);
        await Wait.UntilAsync("its data to go", () => !Directory.Exists(platform.FolderOf(snapshot)));
        await Expect.ProblemAsync(
            await platform.Client.DeleteAsync($"/api/devices/snapshots/{snapshot}"), 404, "not-found");
    }

    [Fact]
    public async Task What_can_not_be_is_refused_and_changes_nothing()
    {
        await using var platform = await DevicePlatform.StartAsync(settings: ("MAX_SNAPSHOTS_PER_USER", "1"));
        var id = (await platform.CreateRunningAsync()).Id;
        var snapshot = await platform.TakeAsync(id, "one");
        await platform.WaitAsync(id, DeviceStatus.Running);
        await Expect.ProblemAsync(
            await platform.PostAsync($"{id}/snapshots", new { name = "two" }), 409, "too-many-snapshots");
        await Expect.ProblemAsync(await platform.PostAsync($"{id}/snapshots", new { name = " " }), 400, "bad-request");
        await Expect.ProblemAsync(
            await platform.PostAsync($"{id}/restore", new { snapshotId = Guid.CreateVersion7() }), 404, "not-found");
        using var other = platform.Service.As(Guid.CreateVersion7());
        await Expect.ProblemAsync(
            await other.PostAsJsonAsync($"/api/devices/{id}/snapshots", new { name = "x" }), 404, "not-found");
        // a stranger's snapshot is none
        await Expect.ProblemAsync(await other.PostAsJsonAsync("/api/devices",
            new { name = "x", cpuCores = 1, memoryGB = 1, snapshotId = snapshot }), 404, "not-found");
        Assert.DoesNotContain($"{snapshot}", await other.GetStringAsync("/api/devices/snapshots"));
        Assert.Equal(1, await platform.Service.InDatabaseAsync(db => db.Set<Snapshot>().CountAsync()));
    }

    [Fact]
    public async Task While_its_data_are_copied_a_phone_is_neither_started_nor_removed()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await platform.RunAsync("stop", [id]);
        await platform.Service.InDatabaseAsync(db => db.Set<Device>().Where(d => d.Id == id)
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.HeldBy, Guid.CreateVersion7())));
        await Expect.ProblemAsync(await platform.Client.PostAsync($"/api/devices/{id}/start", null), 409, "busy");
        await Expect.ProblemAsync(await platform.Client.DeleteAsync($"/api/devices/{id}"), 409, "busy");
        await Expect.ProblemAsync(await platform.PostAsync($"{id}/snapshots", new { name = "x" }), 409, "busy");
        Assert.Equal("busy", Assert.Single((await platform.RunAsync("delete", [id])).Items!).Problem!.Type);
        Assert.Equal(DeviceStatus.Stopped, (await platform.GetAsync(id))!.Status);
    }

    [Fact]
    public async Task A_planned_snapshot_is_taken_once()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        var run = Guid.CreateVersion7();
        var due = new SchedulerActionDue(Guid.CreateVersion7(), id, platform.User, "snapshot", DateTimeOffset.UtcNow,
            RunId: run, SnapshotName: "nightly");
        Assert.Equal(HttpStatusCode.OK, (await platform.Service.DeliverAsync(due)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await platform.Service.DeliverAsync(due)).StatusCode);
        Assert.Equal(OperationStatus.Succeeded, (await platform.EndOfAsync(run)).Status);
        Assert.Equal("nightly", Assert.Single((await platform.SnapshotsAsync()).Items).Name);
    }

    /// <summary>The service goes away in the middle of copying, and a whole and a half copy are left behind.</summary>
    [Fact]
    public async Task What_died_half_way_is_done_again_and_leftovers_are_swept()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await platform.WriteAsync(id, "data");
        using var answer = await platform.PostAsync($"{id}/snapshots", new { name = "s" });
        var snapshot = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("snapshotId").GetGuid();
        await platform.StopSidecarAsync();
        await platform.StopServiceAsync();
        var nobodys = Guid.CreateVersion7();
        Directory.CreateDirectory(platform.FolderOf(nobodys));
        Directory.CreateDirectory(Path.Combine(platform.FolderOf(Guid.CreateVersion7()) + ".new", "disk"));
        await platform.StartServiceAsync();
        Assert.Equal(OperationStatus.Succeeded, (await platform.EndOfAsync(snapshot)).Status);
        await Wait.UntilAsync("the others to go", () =>
            Directory.GetDirectories(Path.Combine(platform.PhonesFolder, "snapshots")).Length == 1);
        await platform.WaitAsync(id, DeviceStatus.Running);
        Assert.Equal("data", await platform.ReadAsync(id));
        Assert.Equal(SnapshotStatus.Ready, Assert.Single((await platform.SnapshotsAsync()).Items).Status);
    }

    /// <summary>A copy that was made whole, and then the process died before it was put in place.</summary>
    [Fact]
    public async Task A_restore_that_died_after_copying_is_finished_before_the_phone_starts()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await platform.WriteAsync(id, "before");
        var snapshot = await platform.TakeAsync(id, "s");
        await platform.WaitAsync(id, DeviceStatus.Running);
        await platform.WriteAsync(id, "after");
        await platform.RunAsync("stop", [id]);
        Directory.Move(platform.FolderOf(snapshot), Path.Combine(platform.PhonesFolder, $"{id}", "restored"));
        Directory.CreateDirectory(Path.Combine(platform.PhonesFolder, $"{id}", "restored.new", "disk")); // never used
        await platform.RunAsync("start", [id]);
        Assert.Equal("before", await platform.ReadAsync(id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("disk")]
    public async Task A_copy_that_comes_to_nothing_fails_and_the_phone_is_as_it_was(string missing)
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await platform.WriteAsync(id, "mine");
        var snapshot = await platform.TakeAsync(id, "s");
        await platform.WaitAsync(id, DeviceStatus.Running);
        Directory.Delete(Path.Combine(platform.FolderOf(snapshot), missing), recursive: true);
        var operation = await platform.RestoreAsync(id, snapshot);
        Assert.Equal("provider-failed", Assert.Single(operation.Items!).Problem!.Type);
        await platform.WaitAsync(id, DeviceStatus.Running);
        Assert.Equal("mine", await platform.ReadAsync(id));
        Assert.Null((await platform.RowAsync(id)).HeldBy);
    }
}
