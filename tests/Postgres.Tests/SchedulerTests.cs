using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Scheduler;
using CloudPhone.Testing;

namespace CloudPhone.Postgres.Tests;

public sealed class SchedulerTests(Server server)
{
    [Fact]
    public async Task Fifty_phones_at_once_fill_the_node_with_twenty_and_its_room_comes_back()
    {
        await using var service = await server.StartAsync<SchedulerDb>();
        using var devices = service.AsService(AppIds.Devices);
        var ids = Enumerable.Range(0, 50).Select(_ => Guid.CreateVersion7()).ToList();
        // each asks twice: a call that was repeated
        var answers = await Http.AtOnceAsync(100, i => devices.PostAsJsonAsync("/internal/placements/place",
            new { deviceId = ids[i / 2], userId = Guid.CreateVersion7(), cpuCores = 1, memoryGB = 1 }).JsonAsync());
        var placed = answers.Index().Where(a => a.Item.Text("outcome") == "placed").Select(a => ids[a.Index / 2]);
        Assert.Equal(20, placed.Distinct().Count());
        Assert.Equal(20, await UsedAsync(service));
        await Http.AtOnceAsync(100, i =>
            devices.PostAsJsonAsync("/internal/placements/release", new { deviceId = ids[i / 2] }).JsonAsync());
        Assert.Equal(0, await UsedAsync(service));
    }

    static async Task<int> UsedAsync(TestService<SchedulerDb> service)
    {
        using var client = service.As(Guid.CreateVersion7(), "operator");
        var node = Assert.Single(await client.ItemsAsync("/api/scheduler/nodes"));
        return node.GetProperty("used").GetProperty("devices").GetInt32();
    }
}
