using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Invariants;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>Scenarios 1 and 3 with phones that are containers, of two Docker engines that are two nodes.</summary>
[Collection(nameof(OwnPlatform)), Trait("kind", "faults"), Trait("Needs", "Docker")]
public sealed class ContainerTests(ITestOutputHelper output)
{
    const string Platform = "whole";

    [Fact]
    public async Task Phones_are_made_heal_and_move_from_a_node_that_is_lost()
    {
        Assert.SkipWhen(DockerServer.Missing is not null, DockerServer.Missing ?? "");
        await using var one = await DockerServer.StartAsync();
        await using var two = await DockerServer.StartAsync();
        var data = Directory.CreateTempSubdirectory("cloudphone-shared-");
        await using var platform = await RunningPlatform.StartAsync(
            ("DEVICE_PROVIDER", "docker"), ("DOCKER_NODES", $"one={one.Address};two={two.Address}"),
            ("PHONE_IMAGE", DockerServer.Image), ("DOCKER_PLATFORM", Platform), ("DOCKER_DATA_FOLDER", data.FullName),
            ("NODE_REGISTER", "false"), ("NODE_HEARTBEAT_SECONDS", "1"), ("NODE_DOWN_SECONDS", "10"),
            ("CHARGE_SECONDS", "5"));
        await using var user = await platform.NewUserAsync();
        await using var admin = await platform.AdminAsync();
        await Wait.UntilAsync("both nodes", async () => (await admin.ListAsync("/api/scheduler/nodes"))
            .Count(n => Text(n, "state") == "active") == 2, 60);

        var phones = new Dictionary<string, Guid>();
        for (var i = 0; i < 2; i++)
        {
            var id = await user.CreateRunningAsync($"phone-{i}");
            phones[Text(await user.GetAsync($"/api/devices/{id}"), "nodeName")] = id;
        }
        Assert.Equal(["one", "two"], phones.Keys.Order());
        foreach (var id in phones.Values)
            await HasItsAppAsync(user, id);

        await one.RunAsync("kill", $"{Platform}-{phones["one"]}");
        await HealsAsync(user, phones["one"], "CONTAINER_CRASHED", "restart", 1);

        await one.LoseAsync();
        await Wait.UntilAsync("it to be missed",
            async () => Text(await user.GetAsync($"/api/devices/{phones["one"]}"), "status") != "running", 90, 0.05);
        await platform.KillServiceAsync(AppIds.Devices);
        await platform.UntilHealthyAsync(AppIds.Devices);
        await HealsAsync(user, phones["one"], "NODE_DOWN", "relocate", 2);
        Assert.Equal("two", Text(await user.GetAsync($"/api/devices/{phones["one"]}"), "nodeName"));
        await HasItsAppAsync(user, phones["one"]); // its data came along
        await Wait.UntilAsync("operators to be told", async () => (await admin.ListAsync("/api/notifications"))
            .Any(n => Text(n, "type") == "scheduler.node_down"));

        foreach (var id in phones.Values)
        {
            (await user.Http.PostAsync($"/api/devices/{id}/stop", null)).EnsureSuccessStatusCode();
            await user.UntilStatusAsync(id, "stopped");
            (await user.Http.DeleteAsync($"/api/devices/{id}")).EnsureSuccessStatusCode();
        }
        await PlatformAtRest.UntilAsync(platform, admin, []);
        Assert.Equal("", await two.RunAsync("ps", "-aq", "--filter", $"label=io.cloudphone.platform={Platform}"));
        Assert.Empty(data.EnumerateFileSystemInfos());
        data.Delete();
    }

    /// <summary>The list says it, and the phone does.</summary>
    static async Task HasItsAppAsync(PlatformUser user, Guid phone)
    {
        await Wait.UntilAsync("the pre-installed app", async () =>
            (await user.ListAsync($"/api/devices/{phone}/apps")).Any(a => Text(a, "status") == "installed"), 60);
        using var packages = await user.Http.PostAsJsonAsync(
            $"/api/devices/{phone}/shell", new { command = "pm", args = new[] { "list", "packages", "-3" } });
        var said = await packages.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Contains("package:", Text(said, "stdout"), StringComparison.Ordinal);
    }

    async Task HealsAsync(PlatformUser user, Guid phone, string errorType, string strategy, int times)
    {
        List<NotificationRow> recovered = [];
        await Wait.UntilAsync($"it to heal from {errorType}", async () =>
            (recovered = await ToldAsync(user, phone, "device.recovered")).Count == times, 120, 0.5);
        await user.UntilStatusAsync(phone, "running");
        var error = (await ToldAsync(user, phone, "device.error"))[0].Data;
        Assert.Equal((errorType, strategy), (Text(error, "errorType"), Text(recovered[0].Data, "strategy")));
        var broken = recovered[0].Data.GetProperty("recoveredAt").GetDateTimeOffset()
            - error.GetProperty("occurredAt").GetDateTimeOffset();
        output.WriteLine($"{errorType}: {broken.TotalSeconds:0.0} s, by {strategy}");
    }

    /// <summary>Newest first.</summary>
    static async Task<List<NotificationRow>> ToldAsync(PlatformUser user, Guid phone, string type) =>
        [.. (await user.ListAsync("/api/notifications")).As<NotificationRow>()
            .Where(n => n.DeviceId == phone && n.Type == type)];

    static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
