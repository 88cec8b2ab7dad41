using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Devices.Tests.Providers.Docker;

/// <summary>The device service with phones that are containers of a real engine.</summary>
[Trait("Needs", "Docker")]
public sealed class DockerProviderTests(DockerEngineFixture fixture) : IClassFixture<DockerEngineFixture>
{
    Task<DevicePlatform> StartAsync(string platform, params (string Name, string Value)[] settings) =>
        DevicePlatform.StartAsync(settings:
        [
            ("DEVICE_PROVIDER", "docker"), ("DOCKER_NODES", $"{Siblings.NodeName}={fixture.Engine.Address}"),
            ("PHONE_IMAGE", DockerServer.Image), ("DOCKER_PLATFORM", platform), .. settings,
        ]);

    [Fact]
    public async Task A_phone_lives_in_a_container_with_limits_and_nothing_is_left_of_it()
    {
        await using var platform = await StartAsync("life");
        var id = (await platform.CreateRunningAsync()).Id;
        var container = await InspectAsync($"life-{id}");
        var host = container.GetProperty("HostConfig");
        Assert.Equal((2_000_000_000L, 4L << 30, 4096L, false, true), (host.GetProperty("NanoCpus").GetInt64(),
            host.GetProperty("Memory").GetInt64(), host.GetProperty("PidsLimit").GetInt64(),
            host.GetProperty("Privileged").GetBoolean(), host.GetProperty("ReadonlyRootfs").GetBoolean()));
        Assert.Equal("ALL", host.GetProperty("CapDrop")[0].GetString());
        Assert.DoesNotContain(container.GetProperty("NetworkSettings").GetProperty("Ports").EnumerateObject(),
            p => p.Value.ValueKind == JsonValueKind.Array); // what is published

        (await platform.Client.PostAsync($"/api/devices/{id}/stop", null)).EnsureSuccessStatusCode();
        await platform.WaitAsync(id, DeviceStatus.Stopped);
        (await platform.Client.PostAsync($"/api/devices/{id}/start", null)).EnsureSuccessStatusCode();
        await platform.WaitAsync(id, DeviceStatus.Running);
        (await platform.Client.DeleteAsync($"/api/devices/{id}")).EnsureSuccessStatusCode();
        Assert.Null(await platform.GetAsync(id));
        Assert.Equal("", await fixture.Engine.RunAsync("ps", "-aq", "--filter", "label=io.cloudphone.platform=life"));
        Assert.Equal("", await fixture.Engine.RunAsync(
            "volume", "ls", "-q", "--filter", "label=io.cloudphone.platform=life"));
    }

    [Fact]
    public async Task A_phone_that_came_to_no_node_leaves_nothing_and_keeps_no_quota()
    {
        await using var platform = await StartAsync("nowhere");
        platform.Siblings.NodeRoom = 0;
        await Expect.ProblemAsync(await platform.PostAsync(), 503, "no-capacity");
        await Wait.UntilAsync("it to be gone", () => platform.Siblings.Held == 0);
        Assert.Empty((await platform.GetAsync<Page<DeviceView>>("/api/devices"))!.Items);
    }

    [Fact]
    public async Task A_container_that_is_killed_is_seen_at_once_and_starts_again_on_its_data()
    {
        await using var platform = await StartAsync("killed", ("DEVICE_SWEEP_SECONDS", "60"));
        var id = (await platform.CreateRunningAsync()).Id;
        await fixture.Engine.RunAsync("kill", $"killed-{id}");
        await Wait.UntilAsync("it to recover", async () =>
            (await platform.Service.PublishedAsync<DeviceRecovered>()).Count == 1, 50);
        await platform.WaitAsync(id, DeviceStatus.Running);
        var error = Assert.Single(await platform.Service.PublishedAsync<DeviceError>());
        Assert.Equal(("CONTAINER_CRASHED", "HIGH"), (error.ErrorType, error.Priority));
    }

    [Fact]
    public async Task A_container_without_a_row_is_removed_at_the_start_and_others_are_let_be()
    {
        await using var platform = await StartAsync("left");
        var kept = (await platform.CreateRunningAsync()).Id;
        await platform.StopServiceAsync();
        var id = Guid.CreateVersion7();
        foreach (var owner in new[] { "left", "others" })
            await fixture.Engine.RunAsync(
                "create", "--name", $"{owner}-{id}", "--label", $"io.cloudphone.platform={owner}",
                "--label", $"io.cloudphone.device={id}", "--network", "none", DockerServer.Image);
        await platform.StartServiceAsync();
        await Wait.UntilAsync("the leftover to go", async () =>
            await fixture.Engine.RunAsync("ps", "-aq", "--filter", $"name=left-{id}") == "");
        Assert.NotEqual("", await fixture.Engine.RunAsync("ps", "-aq", "--filter", $"name=others-{id}"));
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(kept))!.Status);
    }

    [Fact]
    public async Task Phones_of_a_node_that_is_lost_move_and_what_it_still_has_of_them_goes_when_it_is_back()
    {
        await using var lost = await DockerServer.StartAsync();
        await using var platform = await StartAsync("lost", ("DOCKER_NODES",
            $"{Siblings.NodeName}={lost.Address};there={fixture.Engine.Address}"), ("NODE_HEARTBEAT_SECONDS", "1"));
        platform.Siblings.NodeToMoveTo = "there";
        var id = (await platform.CreateRunningAsync()).Id;
        await Wait.UntilAsync("both to be told of", () => platform.Siblings.Beats.LastOrDefault() == "here,there");

        await lost.LoseAsync();
        await Wait.UntilAsync("one to be told of", () => platform.Siblings.Beats.LastOrDefault() == "there");
        var now = DateTimeOffset.UtcNow;
        await platform.Service.DeliverAsync(
            new SchedulerNodeDown(Siblings.NodeId, Siblings.NodeName, now.AddSeconds(-1), now));
        await Wait.UntilAsync("it to recover", async () =>
            (await platform.Service.PublishedAsync<DeviceRecovered>()).Count == 1, 60);
        await platform.WaitAsync(id, DeviceStatus.Running);
        Assert.Equal("relocate", (await platform.Service.PublishedAsync<DeviceRecovered>())[0].Strategy);
        Assert.Equal("NODE_DOWN", Assert.Single(await platform.Service.PublishedAsync<DeviceError>()).ErrorType);
        Assert.True((await InspectAsync($"lost-{id}")).GetProperty("State").GetProperty("Running").GetBoolean());

        await platform.StopServiceAsync();
        await lost.StartAgainAsync();
        Assert.NotEqual("", await lost.RunAsync("ps", "-aq", "--filter", "label=io.cloudphone.platform=lost"));
        await platform.StartServiceAsync();
        await Wait.UntilAsync("the old container to go", async () =>
            await lost.RunAsync("ps", "-aq", "--filter", "label=io.cloudphone.platform=lost") == "");
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(id))!.Status);
    }

    [Fact]
    public async Task An_image_that_can_t_be_had_fails_the_creation_with_its_name()
    {
        await using var platform = await StartAsync("none", ("PHONE_IMAGE", "cloudphone/not-there:1"));
        using var answer = await platform.PostAsync();
        Assert.Equal(503, (int)answer.StatusCode);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        // why depends on whether this machine reaches the registry
        Assert.StartsWith("No phone was created. Node here has no image cloudphone/not-there:1: ",
            $"{problem.GetProperty("detail")}");
        Assert.Equal((0, 0), (platform.Siblings.Held, platform.Siblings.Placements.Count));
    }

    async Task<JsonElement> InspectAsync(string name) =>
        JsonDocument.Parse(await fixture.Engine.RunAsync("inspect", name)).RootElement[0];
}

public sealed class DockerEngineFixture : IAsyncLifetime
{
    public DockerServer Engine { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (DockerServer.Missing is { } reason)
            Assert.Skip(reason);
        Engine = await DockerServer.StartAsync();
    }

    public async ValueTask DisposeAsync() => await (Engine?.DisposeAsync() ?? ValueTask.CompletedTask);
}
