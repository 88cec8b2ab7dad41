using CloudPhone.Contracts;
using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;

namespace CloudPhone.Devices.Tests.Lifecycle;

public sealed class KillTests
{
    /// <summary>Creates run while the whole platform side of the service goes away and comes back, three
    /// times.</summary>
    [Fact]
    public async Task Every_creation_ends_as_a_running_phone_or_as_nothing()
    {
        await using var platform = await DevicePlatform.StartAsync();
        for (var round = 0; round < 3; round++)
        {
            var posts = Enumerable.Range(0, 4).Select(i => Quietly(platform.PostAsync($"p{i}"))).ToList();
            await Wait.UntilAsync("a first reservation", () => platform.Siblings.Quota.Count > round * 4, 60);
            await platform.StopSidecarAsync();
            await Task.WhenAll(posts);
            await platform.StopServiceAsync();
            await platform.StartServiceAsync();
        }
        await Wait.UntilAsync("all to be at rest", async () =>
            (await ListAsync(platform)).All(d => d.Status == DeviceStatus.Running), 120);
        var running = (await ListAsync(platform)).Select(d => d.Id).ToHashSet();
        Assert.NotEmpty(running);
        await Wait.UntilAsync("the others to be released", () =>
            platform.Siblings.Quota.Where(q => q.Value != "released").Select(q => q.Key).ToHashSet().SetEquals(running),
            60);
        Assert.All(running, id => Assert.Equal("counted", platform.Siblings.Quota[id]));
        Assert.Equal(running, (await platform.Provider.ListAsync(default)).Select(p => p.DeviceId).ToHashSet());
        var created = await platform.Service.PublishedAsync<DeviceCreated>();
        Assert.Equal(running, created.Select(e => e.DeviceId).ToHashSet());
        Assert.Equal(running.Count, (await platform.Service.PublishedAsync<DeviceStarted>()).Count);
    }

    static async Task<IReadOnlyList<DeviceView>> ListAsync(DevicePlatform platform) =>
        (await platform.GetAsync<Page<DeviceView>>("/api/devices?limit=100"))!.Items;

    static async Task Quietly(Task<HttpResponseMessage> post)
    {
        try
        {
            (await post).Dispose();
        }
        catch (HttpRequestException)
        {
            // the caller of a service that dies sees just that
        }
    }
}
