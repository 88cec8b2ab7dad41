using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Devices.Providers;
using CloudPhone.Devices.Providers.Docker;
using CloudPhone.Devices.Tests.Operations;
using CloudPhone.Devices.Tests.Snapshots;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Devices.Tests.Providers.Docker;

/// <summary>Snapshots, clones and figures of phones that are containers of a real engine.</summary>
[Trait("Needs", "Docker")]
public sealed class DockerSnapshotTests(DockerEngineFixture fixture) : IClassFixture<DockerEngineFixture>
{
    [Fact]
    public async Task A_phone_is_copied_cloned_restored_and_measured_and_nothing_is_left()
    {
        await using var platform = await StartAsync("copies");
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
        await Wait.UntilAsync("the old data to go", async () =>
            await VolumesAsync(id) == $"copies-{id}-r1");

        var stats = (await platform.GetAsync<PhoneStats>($"/api/devices/{id}/stats"))!;
        Assert.InRange(stats.MemoryBytes, 1 << 20, 4L << 30);
        Assert.Equal(4L << 30, stats.MemoryLimitBytes);
        Assert.NotNull(stats.NetworkReceivedBytes);

        Assert.Equal(OperationStatus.Succeeded, (await platform.RunAsync("delete", [id, clone])).Status);
        (await platform.Client.DeleteAsync($"/api/devices/snapshots/{snapshot}")).EnsureSuccessStatusCode();
        await Wait.UntilAsync("all to be gone", async () => await fixture.Engine.RunAsync(
            "volume", "ls", "-q", "--filter", "label=io.cloudphone.platform=copies") == "");
        Assert.Equal("", await fixture.Engine.RunAsync("ps", "-aq", "--filter", "label=io.cloudphone.platform=copies"));
    }

    [Fact]
    public async Task A_clone_that_is_given_up_while_it_is_copied_leaves_nothing()
    {
        await using var platform = await StartAsync("given");
        var id = (await platform.CreateRunningAsync()).Id;
        var snapshot = await OperationAsync(platform, $"{id}/snapshots", new { name = "s" }, "snapshotId");
        await platform.WaitAsync(id, DeviceStatus.Running);
        var (held, placed) = (platform.Siblings.Held, platform.Siblings.Placements.Count);
        await fixture.Engine.RunAsync("volume", "rm", $"given-snapshot-{snapshot}"); // no try of it succeeds
        var clone = await platform.CloneAsync(snapshot);
        await Wait.UntilAsync("a try", async () => await platform.Service.InDatabaseAsync(db =>
            db.Set<OperationItem>().AnyAsync(i => i.Id == clone && i.Attempts > 0)));
        // as a try leaves it whose process died in its middle
        await fixture.Engine.RunAsync("volume", "create", "--label", "io.cloudphone.platform=given",
            "--label", $"io.cloudphone.device={clone}", $"given-{clone}");
        await CreateHelperAsync("given", "-v", $"given-{clone}:/data");
        await platform.Service.InDatabaseAsync(db => db.Set<OperationItem>().Where(i => i.Id == clone)
            .ExecuteUpdateAsync(s => s.SetProperty(i => i.DeadlineAt, DateTimeOffset.UtcNow.AddMinutes(-1))));

        var end = await platform.EndOfAsync(clone);
        Assert.Equal(OperationStatus.Failed, end.Status);
        Assert.Contains(end.Items![0].Problem!.Type, (string[])["timed-out", "provider-failed"]);
        await Wait.UntilAsync("the clone to be gone", async () => await platform.GetAsync(clone) is null, 60);
        Assert.Equal("", await VolumesAsync(clone));
        Assert.Equal("", await HelpersAsync("given"));
        await Wait.UntilAsync("its room to be free",
            () => (platform.Siblings.Held, platform.Siblings.Placements.Count) == (held, placed));
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(id))!.Status);
    }

    [Fact]
    public async Task A_copy_that_is_broken_off_in_the_middle_leaves_no_helper_and_no_half_of_it()
    {
        await using var platform = await StartAsync("broken");
        var id = (await platform.CreateRunningAsync()).Id;
        using (var large = new ByteArrayContent(RandomNumberGenerator.GetBytes(90 << 20)))
        {
            large.Headers.ContentType = new("application/octet-stream");
            (await platform.Client.PutAsync($"/api/devices/{id}/files?path=/sdcard/large", large))
                .EnsureSuccessStatusCode();
        }
        var snapshot = await OperationAsync(platform, $"{id}/snapshots", new { name = "s" }, "snapshotId");
        await platform.WaitAsync(id, DeviceStatus.Running);
        Assert.Equal(OperationStatus.Succeeded, (await platform.RunAsync("stop", [id])).Status);
        var next = (await platform.RowAsync(id)).Spec with { Generation = 1 };
        using var given = new CancellationTokenSource();
        var copying = platform.Provider.LoadAsync(next, snapshot, given.Token);
        await Wait.UntilAsync("helpers at work",
            async () => copying.IsCompleted || (await HelpersAsync("broken")).Split('\n').Length == 2);
        await given.CancelAsync();
        await copying.ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.False(copying.IsCompletedSuccessfully);
        await Wait.UntilAsync("the helpers to be gone", async () => await HelpersAsync("broken") == "");
        Assert.True(await platform.Provider.UndoAsync(next, default));
        Assert.Equal($"broken-{id}", await VolumesAsync(id));
        Assert.Equal(OperationStatus.Succeeded, (await platform.RunAsync("start", [id])).Status);
    }

    [Fact]
    public async Task Helpers_of_copies_whose_process_died_go_once_none_of_them_can_be_at_work_any_more()
    {
        await using var platform = await StartAsync("swept");
        foreach (var owner in new[] { "swept", "others" })
            await CreateHelperAsync(owner);
        var copies = platform.Service.Services.GetRequiredService<DockerCopies>();
        await SweepAsync(DateTimeOffset.UtcNow); // another replica may be copying
        Assert.NotEqual("", await HelpersAsync("swept"));
        await SweepAsync(DateTimeOffset.UtcNow + OperationItem.CopyPatience + TimeSpan.FromMinutes(1));
        Assert.Equal("", await HelpersAsync("swept"));
        Assert.NotEqual("", await HelpersAsync("others"));

        async Task SweepAsync(DateTimeOffset now)
        {
            using var sweep = new HelperSweep(copies, new FakeTimeProvider(now));
            await sweep.StartAsync(default);
            await sweep.ExecuteTask!;
        }
    }

    [Fact]
    public async Task In_a_folder_that_nodes_share_phones_have_no_snapshots_and_are_told_so()
    {
        var folder = Directory.CreateTempSubdirectory("cloudphone-shared-").FullName;
        try
        {
            await using var platform = await StartAsync("shared", ("DOCKER_DATA_FOLDER", folder));
            var id = (await platform.CreateRunningAsync()).Id;
            using var answer = await platform.PostAsync($"{id}/snapshots", new { name = "s" });
            Assert.Contains("folder that the platform's nodes share", await answer.Content.ReadAsStringAsync(),
                StringComparison.Ordinal);
            await Expect.ProblemAsync(answer, 409, "snapshots-off");
            Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(id))!.Status);
            Assert.Equal(OperationStatus.Succeeded, (await platform.RunAsync("delete", [id])).Status);
            Assert.Empty(Directory.GetFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    Task<DevicePlatform> StartAsync(string platform, params (string Name, string Value)[] settings) =>
        DevicePlatform.StartAsync(settings:
        [
            ("DEVICE_PROVIDER", "docker"), ("DOCKER_NODES", $"{Siblings.NodeName}={fixture.Engine.Address}"),
            ("PHONE_IMAGE", DockerServer.Image), ("DOCKER_PLATFORM", platform), .. settings,
        ]);

    Task CreateHelperAsync(string platform, params string[] more) => fixture.Engine.RunAsync([
        "create", "--label", $"io.cloudphone.platform={platform}", "--label", "io.cloudphone.helper=copy",
        "--network", "none", .. more, DockerServer.Image]);

    Task<string> HelpersAsync(string platform) => fixture.Engine.RunAsync("ps", "-aq", "--filter",
        $"label=io.cloudphone.platform={platform}", "--filter", "label=io.cloudphone.helper");

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
