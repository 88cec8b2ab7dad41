using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Devices.Providers;
using CloudPhone.Devices.Tests.Operations;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Devices.Tests.Providers.Docker;

/// <summary>Snapshots, clones and figures of phones that are containers of a real engine.</summary>
[Trait("Needs", "Docker")]
public sealed class DockerSnapshotTests(DockerEngineFixture fixture) : IClassFixture<DockerEngineFixture>
{
    [Fact]
    public async Task A_phone_is_copied_cloned_restored_and_measured_and_nothing_is_left()
    {
        await using var platform = await DevicePlatform.StartAsync(settings:
        [
            ("DEVICE_PROVIDER", "docker"), ("DOCKER_NODES", $"{Siblings.NodeName}={fixture.Engine.Address}"),
            ("PHONE_IMAGE", DockerServer.Image), ("DOCKER_PLATFORM", "copies"),
        ]);
        var id = (await platform.CreateRunningAsync()).Id;
        await WriteAsync(platform, id, "before");
        var snapshot = await OperationAsync(platform, $"{id}/snapshots", new { name = "s" }, "snapshotId");
        await platform.WaitAsync(id, DeviceStatus.Running);
        await WriteAsync(platform, id, "after");

        using var made = await platform.Client.PostAsJsonAsync(
            "/api/devices", new { name = "clone", template = "small", snapshotId = snapshot });
        made.EnsureSuccessStatusCode();
        var clone = Guid.Parse(made.Headers.Location!.OriginalString.Split('/')[^1]);
        await platform.WaitAsync(clone, DeviceStatus.Running);
        Assert.Equal("before", await ReadAsync(platform, clone));
        await OperationAsync(platform, $"{id}/restore", new { snapshotId = snapshot }, "operationId");
        await platform.WaitAsync(id, DeviceStatus.Running);
        Assert.Equal("before", await ReadAsync(platform, id));
        await CloudPhone.Testing.Wait.UntilAsync("the old data to go", async () =>
            await VolumesAsync(id) == $"copies-{id}-r1");

        var stats = (await platform.GetAsync<PhoneStats>($"/api/devices/{id}/stats"))!;
        Assert.InRange(stats.MemoryBytes, 1 << 20, 4L << 30);
        Assert.Equal(4L << 30, stats.MemoryLimitBytes);
        Assert.NotNull(stats.NetworkReceivedBytes);

        Assert.Equal(OperationStatus.Succeeded, (await platform.RunAsync("delete", [id, clone])).Status);
        (await platform.Client.DeleteAsync($"/api/devices/snapshots/{snapshot}")).EnsureSuccessStatusCode();
        await CloudPhone.Testing.Wait.UntilAsync("all to be gone", async () => await fixture.Engine.RunAsync(
            "volume", "ls", "-q", "--filter", "label=io.cloudphone.platform=copies") == "");
        Assert.Equal("", await fixture.Engine.RunAsync("ps", "-aq", "--filter", "label=io.cloudphone.platform=copies"));
    }

    Task<string> VolumesAsync(Guid id) =>
        fixture.Engine.RunAsync("volume", "ls", "-q", "--filter", $"label=io.cloudphone.device={id}");

    static async Task<Guid> OperationAsync(DevicePlatform platform, string what, object body, string wanted)
    {
        using var answer = await platform.Client.PostAsJsonAsync($"/api/devices/{what}", body);
        answer.EnsureSuccessStatusCode();
        var given = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var operation = await platform.EndOfAsync(given.GetProperty("operationId").GetGuid());
        Assert.True(operation.Status == OperationStatus.Succeeded, $"{operation.Items![0].Problem}");
        return given.GetProperty(wanted).GetGuid();
    }

    static async Task WriteAsync(DevicePlatform platform, Guid id, string text)
    {
        using var content = new StringContent(text);
        content.Headers.ContentType = new("application/octet-stream");
        using var answer = await platform.Client.PutAsync($"/api/devices/{id}/files?path=/sdcard/kept", content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    static Task<string> ReadAsync(DevicePlatform platform, Guid id) =>
        platform.Client.GetStringAsync($"/api/devices/{id}/files/content?path=/sdcard/kept");
}
