using System.Diagnostics;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Invariants;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>The device service dies in the middle of what takes long.</summary>
[Collection(nameof(KilledPlatform))]
[Trait("kind", "faults")]
public sealed class OperationKillTests(KilledPlatform platform)
{
    const int Phones = 6;

    string Folder => Path.Combine(platform.Platform.Data, "phones");

    string DiskOf(string what) => Path.Combine(Folder, what, "disk");

    [Fact]
    public async Task It_is_killed_in_the_middle_of_a_batch_and_each_phone_is_restarted_once()
    {
        await using var user = await platform.Platform.NewUserAsync();
        var ids = await RunningAsync(user);
        var operation = await PostAsync(user, "batch", new { action = "restart", deviceIds = ids }, "operationId");
        await Wait.UntilAsync("some to be in hand", async () =>
        {
            var now = await user.GetAsync($"/api/devices/operations/{operation}");
            Assert.Equal(JsonValueKind.Null, now.GetProperty("endedAt").ValueKind);
            return now.GetProperty("counts").GetProperty("running").GetInt32() > 0;
        });
        for (var kills = 0; kills < 2; kills++)
            await KillAsync();
        await UntilAsync(user, operation, "succeeded");
        foreach (var id in ids)
        {
            Assert.Equal(1, await CountAsync(user, id, h => Is(h, "trigger", "restart")));
            Assert.Equal("running", (await user.GetAsync($"/api/devices/{id}")).GetProperty("status").GetString());
        }
        await NothingIsLeftAsync(user, ids);
    }

    [Fact]
    public async Task It_is_killed_in_the_middle_of_snapshots_and_each_is_taken_once_and_whole()
    {
        await using var user = await platform.Platform.NewUserAsync();
        var ids = await RunningAsync(user);
        var pipes = new List<string>();
        foreach (var id in ids)
        {
            var folder = Directory.CreateDirectory(Path.Combine(DiskOf($"{id}"), "large")).FullName;
            for (var i = 0; i < 8; i++)
                await File.WriteAllBytesAsync(Path.Combine(folder, $"{i}"), RandomNumberGenerator.GetBytes(1 << 20));
            // a copy stands still at it
            pipes.Add(Path.Combine(folder, "pipe"));
            using var made = Process.Start("mkfifo", [pipes[^1]]);
            await made.WaitForExitAsync();
        }
        var snapshots = new List<Guid>();
        foreach (var id in ids)
            snapshots.Add(await PostAsync(user, $"{id}/snapshots", new { name = "s" }, "snapshotId"));
        await KillWhileCopyingAsync(snapshots[0]);
        File.Delete(pipes[0]);
        await KillWhileCopyingAsync(snapshots[1]);
        pipes.ForEach(File.Delete);
        foreach (var snapshot in snapshots)
            await UntilAsync(user, snapshot, "succeeded");
        foreach (var (id, snapshot) in ids.Zip(snapshots))
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(DiskOf($"{id}"), "large")))
                Assert.Equal(await File.ReadAllBytesAsync(file), await File.ReadAllBytesAsync(
                    Path.Combine(DiskOf($"snapshots/{snapshot}"), "large", Path.GetFileName(file))));
            await user.UntilStatusAsync(id, "running");
            Assert.Equal(1, await CountAsync(user, id, h => Is(h, "act", "snapshot-taken")));
            Assert.Equal(1, await CountAsync(user, id, h => Is(h, "trigger", "stop")));
        }
        var kept = await user.ListAsync("/api/devices/snapshots");
        Assert.Equal(Phones, kept.Count(s => s.GetProperty("status").GetString() == "ready"));
        foreach (var snapshot in snapshots)
            (await user.Http.DeleteAsync($"/api/devices/snapshots/{snapshot}")).EnsureSuccessStatusCode();
        await NothingIsLeftAsync(user, ids);
    }

    async Task KillAsync()
    {
        await platform.Platform.KillServiceAsync(AppIds.Devices);
        await platform.Platform.UntilHealthyAsync(AppIds.Devices);
    }

    async Task KillWhileCopyingAsync(Guid snapshot)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "snapshots")).FullName;
        await Wait.UntilAsync("its copy to be in hand", () =>
            Directory.GetDirectories(folder, $"{snapshot}.*").Length > 0, 60);
        await KillAsync();
    }

    static async Task<List<Guid>> RunningAsync(PlatformUser user)
    {
        var ids = new List<Guid>();
        for (var i = 0; i < Phones; i++)
            ids.Add(await user.CreateRunningAsync($"long {i}"));
        return ids;
    }

    async Task NothingIsLeftAsync(PlatformUser user, IReadOnlyList<Guid> ids)
    {
        var deletion = await PostAsync(user, "batch", new { action = "delete", deviceIds = ids }, "operationId");
        await UntilAsync(user, deletion, "succeeded");
        await using var admin = await platform.Platform.AdminAsync();
        await PlatformAtRest.UntilAsync(platform.Platform, admin, []);
    }

    static async Task<Guid> PostAsync(PlatformUser user, string what, object body, string wanted)
    {
        using var answer = await user.Http.PostAsJsonAsync($"/api/devices/{what}", body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == 202, text);
        return JsonDocument.Parse(text).RootElement.GetProperty(wanted).GetGuid();
    }

    static Task UntilAsync(PlatformUser user, Guid operation, string status) =>
        Wait.UntilAsync($"the operation to have {status}", async () =>
        {
            var now = await user.GetAsync($"/api/devices/operations/{operation}?waitSeconds=4");
            Assert.True(
                now.GetProperty("endedAt").ValueKind == JsonValueKind.Null || Is(now, "status", status), $"{now}");
            return Is(now, "status", status);
        }, 120);

    static async Task<int> CountAsync(PlatformUser user, Guid id, Func<JsonElement, bool> which) =>
        (await user.ListAsync($"/api/devices/{id}/history")).Count(which);

    static bool Is(JsonElement value, string name, string word) => value.GetProperty(name).GetString() == word;
}
