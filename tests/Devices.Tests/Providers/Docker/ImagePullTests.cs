using System.Text.Json;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Providers.Docker;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Devices.Tests.Providers.Docker;

/// <summary>Images that a real engine pulls from a registry on this machine.</summary>
[Trait("Needs", "Docker")]
public sealed class ImagePullTests(DockerEngineFixture fixture) : IClassFixture<DockerEngineFixture>
{
    Task<DevicePlatform> StartAsync(string image) => DevicePlatform.StartAsync(settings:
    [
        ("DEVICE_PROVIDER", "docker"), ("DOCKER_NODES", $"{Siblings.NodeName}={fixture.Engine.Address}"),
        ("PHONE_IMAGE", image), ("DOCKER_PLATFORM", "pulls"), ("NODE_HEARTBEAT_SECONDS", "1"),
    ]);

    static Task<List<string?>> NotesAsync(DevicePlatform platform) => platform.Service.InDatabaseAsync(db =>
        db.Set<DeviceHistoryEntry>().Where(h => h.Act == Acts.ImagePulled).Select(h => h.Reason).ToListAsync());

    [Fact]
    public async Task An_image_is_pulled_once_for_all_and_phones_and_node_tell_how_far_it_is()
    {
        await using var registry = await FakeRegistry.StartAsync();
        await using var platform = await StartAsync(registry.Image);
        var services = platform.Service.Services;
        var engine = services.GetRequiredService<DockerEngines>().Of(Siblings.NodeName);
        // it has no program, so its phones come to nothing: the pull is what counts
        var phones = new[] { platform.PostAsync(), platform.PostAsync(), platform.PostAsync() };
        await Wait.UntilAsync("all phones to tell of it", async () =>
            (await NotesAsync(platform)).Count(n => n!.EndsWith(" %.", StringComparison.Ordinal)) == 3, 60);
        var check = Assert.Single(services.GetRequiredService<ImagePulls>().ChecksOf(Siblings.NodeName));
        Assert.Equal(("image", "warn"), (check.Name, check.Status));
        Assert.Matches($"^Node here pulls image {registry.Image}: [1-9][0-9]? %.$", check.Text);
        registry.Gate.SetResult();
        foreach (var phone in await Task.WhenAll(phones))
            Assert.Equal(503, (int)phone.StatusCode);
        Assert.True(await DockerEngines.HasImageAsync(engine, registry.Image, CancellationToken.None));
        Assert.Equal(1, registry.LayersSent);
        Assert.All(await NotesAsync(platform), n => Assert.Equal($"Node here has pulled image {registry.Image}.", n));
        Assert.Empty(services.GetRequiredService<ImagePulls>().ChecksOf(Siblings.NodeName));
        // a process that was killed before it could say so leaves that to the next
        var device = await platform.Service.InDatabaseAsync(async db =>
        {
            var notes = db.Set<DeviceHistoryEntry>().Where(h => h.Act == Acts.ImagePulled);
            await notes.ExecuteUpdateAsync(
                s => s.SetProperty(h => h.Reason, $"Node here pulls image {registry.Image}: 9 %."));
            return (await notes.OrderBy(h => h.Id).FirstAsync()).DeviceId;
        });
        await services.GetRequiredService<DockerEngines>()
            .PrepareAsync(engine, registry.Image, CancellationToken.None, device);
        Assert.Equal(1, (await NotesAsync(platform)).Count(n => n == $"Node here has pulled image {registry.Image}."));
        Assert.Equal(3, (await NotesAsync(platform)).Count);
    }

    [Fact]
    public async Task What_can_t_be_had_says_why()
    {
        await using var registry = await FakeRegistry.StartAsync();
        foreach (var (image, reason) in new[]
        {
            ($"{registry.Authority}/phone:2", "its registry has no such image"),
            ($"127.0.0.1:{FreePort.Next()}/phone:1",
                "no registry answers: load it onto the node, or make its registry reachable"),
        })
        {
            await using var platform = await StartAsync(image);
            using var answer = await platform.PostAsync();
            var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
            var text = $"Node here has no image {image}: {reason}.";
            Assert.Equal((503, $"No phone was created. {text}"),
                ((int)answer.StatusCode, $"{problem.GetProperty("detail")}"));
            Assert.Equal([text], await NotesAsync(platform));
            var pulls = platform.Service.Services.GetRequiredService<ImagePulls>();
            Assert.Equal(text, Assert.Single(pulls.ChecksOf(Siblings.NodeName)).Text);
            // what has changed is told, and what the node has is not told again: operators may have set it since
            await Wait.UntilAsync("the scheduler to hear of it", () => platform.Siblings.Registrations.Any(
                r => $"{r}".Contains(reason, StringComparison.Ordinal)));
            Assert.Equal([true, .. platform.Siblings.Registrations.Skip(1).Select(_ => false)],
                platform.Siblings.Registrations.Select(r => r.GetProperty("cpuCores").ValueKind == JsonValueKind.Number));
            // loaded by hand
            var engines = platform.Service.Services.GetRequiredService<DockerEngines>();
            var engine = engines.Of(Siblings.NodeName);
            registry.Gate.TrySetResult();
            await engines.PrepareAsync(engine, registry.Image, CancellationToken.None);
            var (name, tag) = DockerEngines.Split(image);
            await engine.DoAsync((c, t) => c.Images.TagImageAsync(
                registry.Image, new() { RepositoryName = name, Tag = tag, Force = true }, t), CancellationToken.None);
            await engines.PrepareAsync(engine, image, CancellationToken.None);
            Assert.Empty(pulls.ChecksOf(Siblings.NodeName));
        }
    }
}
