using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>The device service dies in the middle of what takes long.</summary>
[Collection(nameof(KilledPlatform))]
[Trait("kind", "faults")]
public sealed class OperationKillTests(KilledPlatform platform)
{
    const int Phones = 6;

    [Fact]
    public async Task It_is_killed_in_the_middle_of_a_batch_and_each_phone_is_restarted_once()
    {
        await using var user = await platform.Platform.NewUserAsync();
        var ids = await RunningAsync(user);
        var operation = await PostAsync(user, "batch", new { action = "restart", deviceIds = ids }, "operationId");
        for (var kills = 0; kills < 2; kills++)
        {
            await platform.Platform.KillServiceAsync(AppIds.Devices);
            await platform.Platform.UntilHealthyAsync(AppIds.Devices);
        }
        await UntilAsync(user, operation, "succeeded");
        foreach (var id in ids)
        {
            Assert.Equal(1, await CountAsync(user, id, h => Is(h, "trigger", "restart")));
            Assert.Equal("running", (await user.GetAsync($"/api/devices/{id}")).GetProperty("status").GetString());
        }
        await DeleteAsync(user, ids);
    }

    [Fact]
    public async Task It_is_killed_in_the_middle_of_snapshots_and_each_is_taken_once()
    {
        await using var user = await platform.Platform.NewUserAsync();
        var ids = await RunningAsync(user);
        var snapshots = new List<Guid>();
        foreach (var id in ids)
            snapshots.Add(await PostAsync(user, $"{id}/snapshots", new { name = "s" }, "snapshotId"));
        for (var kills = 0; kills < 2; kills++)
        {
            await platform.Platform.KillServiceAsync(AppIds.Devices);
            await platform.Platform.UntilHealthyAsync(AppIds.Devices);
        }
        foreach (var snapshot in snapshots)
            await UntilAsync(user, snapshot, "succeeded");
        foreach (var id in ids)
        {
            await user.UntilStatusAsync(id, "running");
            Assert.Equal(1, await CountAsync(user, id, h => Is(h, "act", "snapshot-taken")));
            Assert.Equal(1, await CountAsync(user, id, h => Is(h, "trigger", "stop")));
        }
        var kept = await user.ListAsync("/api/devices/snapshots");
        Assert.Equal(Phones, kept.Count(s => s.GetProperty("status").GetString() == "ready"));
        foreach (var snapshot in snapshots)
            (await user.Http.DeleteAsync($"/api/devices/snapshots/{snapshot}")).EnsureSuccessStatusCode();
        await DeleteAsync(user, ids);
    }

    static async Task<List<Guid>> RunningAsync(PlatformUser user)
    {
        var ids = new List<Guid>();
        for (var i = 0; i < Phones; i++)
            ids.Add(await user.CreateRunningAsync($"long {i}"));
        return ids;
    }

    static async Task DeleteAsync(PlatformUser user, IReadOnlyList<Guid> ids) => await UntilAsync(
        user, await PostAsync(user, "batch", new { action = "delete", deviceIds = ids }, "operationId"), "succeeded");

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
