using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Testing;

namespace CloudPhone.Scheduler.Tests.Nodes;

public sealed class NodeTests : IAsyncDisposable
{
    readonly TestService<SchedulerDb> _service = new(("NODE_NAME", "this-machine"), ("NODE_MAX_DEVICES", "7"));
    readonly HttpClient _operator;

    public NodeTests() => _operator = _service.As(Guid.CreateVersion7(), "operator");

    static object New(string name, int cpuCores = 4, int memoryGB = 8, int maxDevices = 2) =>
        new { name, cpuCores, memoryGB, maxDevices };

    [Fact]
    public async Task This_machine_is_a_node_from_the_first_start()
    {
        var node = Assert.Single((await _operator.GetAsync("/api/scheduler/nodes").JsonAsync()).Items());
        Assert.Equal(("this-machine", "active"), (node.Text("name"), node.Text("state")));
        var capacity = node.GetProperty("capacity");
        Assert.Equal((256, 512, 7), (capacity.Number("cpuCores"), capacity.Number("memoryGB"),
            capacity.Number("devices")));
        Assert.Equal(node.Id(), (await _operator.GetAsync($"/api/scheduler/nodes/{node.Id()}").JsonAsync()).Id());
    }

    [Fact]
    public async Task At_the_next_start_settings_that_are_given_count_and_the_rest_is_the_operators()
    {
        var data = Directory.CreateTempSubdirectory("cloudphone-test-");
        await using (var first = new TestService<SchedulerDb>(("CLOUDPHONE_DATA", data.FullName), ("NODE_NAME", "n")))
        {
            using var client = first.As(Guid.CreateVersion7(), "admin");
            var id = (await client.GetAsync("/api/scheduler/nodes").JsonAsync()).Items().Single().Id();
            await client.PatchAsJsonAsync($"/api/scheduler/nodes/{id}",
                new { cpuCores = 3, memoryGB = 3, state = "draining" }).JsonAsync();
        }
        await using (var second = new TestService<SchedulerDb>(("CLOUDPHONE_DATA", data.FullName), ("NODE_NAME", "n"),
            ("NODE_MEMORY_GB", "5")))
        {
            using var client = second.As(Guid.CreateVersion7(), "admin");
            var node = Assert.Single((await client.GetAsync("/api/scheduler/nodes").JsonAsync()).Items());
            var capacity = node.GetProperty("capacity");
            Assert.Equal((3, 5, "draining"), (capacity.Number("cpuCores"), capacity.Number("memoryGB"),
                node.Text("state")));
        }
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task Operators_add_nodes_and_change_them()
    {
        var node = await _operator.PostAsJsonAsync("/api/scheduler/nodes", New("node-2")).JsonAsync(201);
        await _operator.PostAsJsonAsync("/api/scheduler/nodes", New("node-2")).ProblemAsync(409, "node-exists");
        var path = $"/api/scheduler/nodes/{node.Id()}";
        var changed = await _operator.PatchAsJsonAsync(path, new { maxDevices = 9, state = "down" }).JsonAsync();
        Assert.Equal((9, 4, "down"), (changed.GetProperty("capacity").Number("devices"), changed.GetProperty("capacity")
            .Number("cpuCores"), changed.Text("state")));
        Assert.Equal(2, (await _operator.GetAsync("/api/scheduler/nodes").JsonAsync()).Items().Count);
        var page = await _operator.GetAsync("/api/scheduler/nodes?limit=1").JsonAsync();
        var next = await _operator.GetAsync($"/api/scheduler/nodes?limit=1&cursor={page.Text("nextCursor")}")
            .JsonAsync();
        Assert.Equal("this-machine", next.Items().Single().Text("name"));
    }

    [Fact]
    public async Task Bad_nodes_are_refused()
    {
        const string Nodes = "/api/scheduler/nodes";
        foreach (var bad in new[] { New(""), New("a b"), New(new string('x', 65)), New("n", 0), New("n", 1, -1),
            New("n", 1, 1, 10001) })
            await _operator.PostAsJsonAsync(Nodes, bad).ProblemAsync(400, "bad-request");
        await _operator.PostAsJsonAsync(Nodes, new { name = "n" }).ProblemAsync(400, "bad-request");
        await _operator.PostAsJsonAsync(Nodes, new { name = "n", cpuCores = "many", memoryGB = 1, maxDevices = 1 })
            .ProblemAsync(400, "bad-request");
        var id = (await _operator.GetAsync(Nodes).JsonAsync()).Items().Single().Id();
        await _operator.PatchAsJsonAsync($"{Nodes}/{id}", new { cpuCores = 0 }).ProblemAsync(400, "bad-request");
        await _operator.PatchAsJsonAsync($"{Nodes}/{id}", new { state = "asleep" }).ProblemAsync(400, "bad-request");
        await _operator.PatchAsJsonAsync($"{Nodes}/{id}", new { state = 1 }).ProblemAsync(400, "bad-request");
        await _operator.PatchAsJsonAsync($"{Nodes}/{Guid.NewGuid()}", new { cpuCores = 1 })
            .ProblemAsync(404, "not-found");
        await _operator.GetAsync($"{Nodes}/{Guid.NewGuid()}").ProblemAsync(404, "not-found");
        Assert.Single((await _operator.GetAsync(Nodes).JsonAsync()).Items());
    }

    [Fact]
    public async Task Nobody_but_operators_sees_nodes_and_placements()
    {
        using var user = _service.As(Guid.CreateVersion7());
        using var anonymous = _service.Anonymous();
        using var service = _service.AsService(AppIds.Devices);
        foreach (var path in new[] { "nodes", $"nodes/{Guid.NewGuid()}", "placements", "placements/history" })
        {
            await user.GetAsync($"/api/scheduler/{path}").ProblemAsync(403, "forbidden");
            await anonymous.GetAsync($"/api/scheduler/{path}").ProblemAsync(401, "unauthorized");
            await service.GetAsync($"/api/scheduler/{path}").ProblemAsync(401, "unauthorized");
        }
        await user.PostAsJsonAsync("/api/scheduler/nodes", New("n")).ProblemAsync(403, "forbidden");
        await user.PatchAsJsonAsync($"/api/scheduler/nodes/{Guid.NewGuid()}", new { cpuCores = 1 })
            .ProblemAsync(403, "forbidden");
    }

    public ValueTask DisposeAsync()
    {
        _operator.Dispose();
        return _service.DisposeAsync();
    }
}
