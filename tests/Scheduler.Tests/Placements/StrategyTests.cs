using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Testing;

namespace CloudPhone.Scheduler.Tests.Placements;

public sealed class StrategyTests : IAsyncDisposable
{
    readonly TestService<SchedulerDb> _service = new(("NODE_REGISTER", "false"), ("PLACEMENT_STRATEGY", "pack"));
    readonly HttpClient _operator;
    readonly HttpClient _devices;

    public StrategyTests()
    {
        _operator = _service.As(Guid.CreateVersion7(), "operator");
        _devices = _service.AsService(AppIds.Devices);
    }

    async Task<Guid> AddAsync(string name, object? labels = null, int size = 10) =>
        (await _operator.PostAsJsonAsync("/api/scheduler/nodes",
            new { name, cpuCores = size, memoryGB = size, maxDevices = size, labels }).JsonAsync(201)).Id();

    async Task<string> PlaceAsync(string? strategy = null, object? nodeSelector = null, params Guid[] avoidNodeIds)
    {
        var answer = await _devices.PostAsJsonAsync("/internal/placements/place", new
        {
            deviceId = Guid.CreateVersion7(), userId = Guid.CreateVersion7(), cpuCores = 1, memoryGB = 1, strategy,
            nodeSelector, avoidNodeIds,
        }).JsonAsync();
        return answer.Text("outcome") == "placed" ? answer.Text("nodeName") : answer.Text("outcome");
    }

    async Task<JsonElement> MoveAsync(Guid device, Guid from, object? nodeSelector = null, params Guid[] avoid) =>
        await _devices.PostAsJsonAsync("/internal/placements/move",
            new { deviceId = device, fromNodeId = from, nodeSelector, avoidNodeIds = avoid }).JsonAsync();

    async Task<int> UsedAsync(Guid node) =>
        (await _operator.GetAsync($"/api/scheduler/nodes/{node}").JsonAsync()).GetProperty("used").Number("devices");

    [Fact]
    public async Task Packing_fills_one_node_after_the_other_and_a_request_may_spread()
    {
        await AddAsync("a", size: 3);
        await AddAsync("b", size: 3);
        var packed = new List<string>();
        for (var i = 0; i < 4; i++)
            packed.Add(await PlaceAsync());
        Assert.Equal(["a", "a", "a", "b"], packed);
        await AddAsync("c", size: 3);
        Assert.Equal("c", await PlaceAsync("spread"));
        await _devices.PostAsJsonAsync("/internal/placements/place", new
        {
            deviceId = Guid.CreateVersion7(), userId = Guid.CreateVersion7(), cpuCores = 1, memoryGB = 1,
            strategy = "guess",
        }).ProblemAsync(400, "bad-request");
    }

    [Fact]
    public async Task A_selector_names_labels_that_the_node_must_have()
    {
        await AddAsync("a", new { zone = "1", disk = "ssd" });
        await AddAsync("b", new { zone = "11", disk = "ssd" });
        Assert.Equal("a", await PlaceAsync(null, new { zone = "1" }));
        Assert.Equal("b", await PlaceAsync(null, new { zone = "11", disk = "ssd" }));
        Assert.Equal("no-capacity", await PlaceAsync(null, new { zone = "1", disk = "hdd" }));
        Assert.Equal("no-capacity", await PlaceAsync(null, new { one = "1" }));
        foreach (var bad in new object[] { new { zone = "%" }, new { zone = "a=b" }, new { zone = "" } })
            await _devices.PostAsJsonAsync("/internal/placements/place", new
            {
                deviceId = Guid.CreateVersion7(), userId = Guid.CreateVersion7(), cpuCores = 1, memoryGB = 1,
                nodeSelector = bad,
            }).ProblemAsync(400, "bad-request");
    }

    [Fact]
    public async Task Labels_can_be_changed_and_go_when_they_are_left_out()
    {
        var id = await AddAsync("a", new { zone = "1" });
        await _operator.PatchAsJsonAsync($"/api/scheduler/nodes/{id}", new { labels = new { a_b = "x" } }).JsonAsync();
        Assert.Equal("no-capacity", await PlaceAsync(null, new { zone = "1" }));
        Assert.Equal("no-capacity", await PlaceAsync(null, new { aXb = "x" })); // no pattern, but a text
        Assert.Equal("a", await PlaceAsync(null, new { a_b = "x" }));
        await _operator.PatchAsJsonAsync($"/api/scheduler/nodes/{id}", new { labels = new { bad = "a b" } })
            .ProblemAsync(400, "bad-request");
    }

    [Fact]
    public async Task A_phone_is_moved_once_however_often_it_is_asked()
    {
        var (a, b) = (await AddAsync("a"), await AddAsync("b"));
        var c = await AddAsync("c");
        var device = Guid.CreateVersion7();
        await _devices.PlaceAsync(device).JsonAsync();
        var from = (await _operator.GetAsync($"/api/scheduler/placements?deviceId={device}").JsonAsync())
            .Items().Single().Id("nodeId");
        Assert.Equal(a, from);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => MoveAsync(device, a, null, b)));
        Assert.All(answers,
            x => Assert.Equal(("moved", c, "c"), (x.Text("outcome"), x.Id("nodeId"), x.Text("nodeName"))));
        Assert.Equal((0, 0, 1), (await UsedAsync(a), await UsedAsync(b), await UsedAsync(c)));
        var history = (await _operator.GetAsync($"/api/scheduler/placements/history?deviceId={device}").JsonAsync())
            .Items();
        Assert.Equal(["moved", "placed"], history.Select(h => h.Text("action")).Order());
        await _devices.ReleaseAsync(device).JsonAsync();
        Assert.Equal(0, await UsedAsync(c));
    }

    [Fact]
    public async Task A_phone_that_finds_no_other_node_stays_and_one_without_room_is_not_moved()
    {
        var a = await AddAsync("a");
        var device = Guid.CreateVersion7();
        await _devices.PlaceAsync(device).JsonAsync();
        Assert.Equal("no-capacity", (await MoveAsync(device, a)).Text("outcome"));
        Assert.Equal(1, await UsedAsync(a));
        Assert.Equal("not-placed", (await MoveAsync(Guid.CreateVersion7(), a)).Text("outcome"));
        await _devices.ReleaseAsync(device).JsonAsync();
        Assert.Equal("not-placed", (await MoveAsync(device, a)).Text("outcome"));
        await _operator.PostAsJsonAsync("/internal/placements/move", new { deviceId = device, fromNodeId = a })
            .ProblemAsync(401, "unauthorized");
        await _devices.PostAsJsonAsync("/internal/placements/move", new { deviceId = device })
            .ProblemAsync(400, "bad-request");
    }

    public ValueTask DisposeAsync()
    {
        _operator.Dispose();
        _devices.Dispose();
        return _service.DisposeAsync();
    }
}
