using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Scheduler.Placements;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Scheduler.Tests.Placements;

public sealed class PlacementTests : IAsyncDisposable
{
    // history is ordered by time: no two of its entries may have the same
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
    readonly TestService<SchedulerDb> _service;
    readonly HttpClient _operator;
    readonly HttpClient _devices;

    public PlacementTests()
    {
        _service = new(("NODE_NAME", "one"), ("NODE_CPU_CORES", "40"), ("NODE_MEMORY_GB", "80"),
            ("NODE_MAX_DEVICES", "20"));
        _service.With(_clock);
        _operator = _service.As(Guid.CreateVersion7(), "operator");
        _devices = _service.AsService(AppIds.Devices);
    }

    async Task<JsonElement> NodeAsync(string name = "one") =>
        (await _operator.GetAsync("/api/scheduler/nodes").JsonAsync()).Items().Single(n => n.Text("name") == name);

    async Task<int> UsedAsync(string name = "one")
    {
        var used = (await NodeAsync(name)).GetProperty("used");
        Assert.Equal(used.Number("devices"), used.Number("cpuCores"));
        return used.Number("devices");
    }

    async Task<string> OutcomeAsync(Guid device) => (await _devices.PlaceAsync(device).JsonAsync()).Text("outcome");

    async Task<DeviceCreated> CreatedAsync(Guid device) =>
        new(device, Guid.CreateVersion7(), "phone", "phone", 1, 1, (await NodeAsync()).Id(), DateTimeOffset.UtcNow, 1);

    static DeviceDeleted Deleted(Guid device) =>
        new(device, Guid.CreateVersion7(), "phone", 1, 1, DateTimeOffset.UtcNow, 9);

    async Task<List<JsonElement>> HistoryAsync(Guid device) =>
        (await _operator.GetAsync($"/api/scheduler/placements/history?deviceId={device}").JsonAsync()).Items();

    [Fact]
    public async Task Fifty_at_once_on_a_node_with_room_for_twenty_are_twenty()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => OutcomeAsync(Guid.CreateVersion7())));
        Assert.Equal(20, answers.Count(a => a == "placed"));
        Assert.Equal(30, answers.Count(a => a == "no-capacity"));
        Assert.Equal(20, await UsedAsync());
        var history = await _service.InDatabaseAsync(db => db.Set<PlacementChange>().Select(h => h.NodeUsedDevices)
            .ToListAsync());
        Assert.Equal(Enumerable.Range(1, 20), history.Order());
    }

    [Theory]
    [InlineData(41, 1)]
    [InlineData(1, 81)]
    public async Task Cores_and_memory_count_like_phones(int cpuCores, int memoryGB)
    {
        Assert.Equal("no-capacity", (await _devices.PlaceAsync(Guid.CreateVersion7(), cpuCores, memoryGB).JsonAsync())
            .Text("outcome"));
        Assert.Equal("placed", (await _devices.PlaceAsync(Guid.CreateVersion7(), 40, 80).JsonAsync()).Text("outcome"));
        Assert.Equal("no-capacity", await OutcomeAsync(Guid.CreateVersion7()));
    }

    [Fact]
    public async Task The_same_phone_is_placed_once_and_released_once_however_often_it_is_asked()
    {
        var device = Guid.CreateVersion7();
        var placed = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _devices.PlaceAsync(device).JsonAsync()));
        var node = await NodeAsync();
        Assert.All(placed, p => Assert.Equal((node.Id(), "one"), (p.Id("nodeId"), p.Text("nodeName"))));
        Assert.Equal(1, await UsedAsync());
        var released = await Task.WhenAll(Enumerable.Range(0, 10)
            .Select(_ => _devices.ReleaseAsync(device).JsonAsync()));
        Assert.All(released, r => Assert.Equal("released", r.Text("outcome")));
        Assert.Equal(0, await UsedAsync());
        Assert.Equal(["released", "placed"], (await HistoryAsync(device)).Select(h => h.Text("action")));
    }

    [Fact]
    public async Task The_least_loaded_node_comes_first_and_only_active_ones_take_phones()
    {
        var two = await _operator.PostAsJsonAsync("/api/scheduler/nodes",
            new { name = "two", cpuCores = 40, memoryGB = 80, maxDevices = 20 }).JsonAsync(201);
        for (var i = 0; i < 10; i++)
            Assert.Equal("placed", await OutcomeAsync(Guid.CreateVersion7()));
        Assert.Equal((5, 5), (await UsedAsync(), await UsedAsync("two")));
        foreach (var state in new[] { "draining", "down" })
        {
            await _operator.PatchAsJsonAsync($"/api/scheduler/nodes/{two.Id()}", new { state }).JsonAsync();
            for (var i = 0; i < 2; i++)
                Assert.Equal("placed", await OutcomeAsync(Guid.CreateVersion7()));
        }
        Assert.Equal((9, 5), (await UsedAsync(), await UsedAsync("two")));
    }

    [Fact]
    public async Task What_nobody_confirms_is_freed_after_15_minutes()
    {
        var (confirmed, forgotten) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await OutcomeAsync(confirmed);
        await OutcomeAsync(forgotten);
        (await _service.DeliverAsync(await CreatedAsync(confirmed))).EnsureSuccessStatusCode();
        (await _service.DeliverAsync(await CreatedAsync(confirmed))).EnsureSuccessStatusCode();
        _clock.Advance(TimeSpan.FromMinutes(16));
        await Wait.UntilAsync("it is freed", async () => await UsedAsync() == 1);
        Assert.Equal(["expired", "placed"], (await HistoryAsync(forgotten)).Select(h => h.Text("action")));
        Assert.Equal(["confirmed", "placed"], (await HistoryAsync(confirmed)).Select(h => h.Text("action")));
        Assert.Equal("placed", await OutcomeAsync(forgotten));
        Assert.Equal(2, await UsedAsync());
    }

    [Fact]
    public async Task A_phone_that_is_told_after_its_placement_ran_out_counts_even_beyond_the_room()
    {
        var late = Guid.CreateVersion7();
        await OutcomeAsync(late);
        _clock.Advance(TimeSpan.FromMinutes(16));
        await Wait.UntilAsync("it is freed", async () => await UsedAsync() == 0);
        for (var i = 0; i < 20; i++)
            Assert.Equal("placed", await OutcomeAsync(Guid.CreateVersion7()));
        (await _service.DeliverAsync(await CreatedAsync(late))).EnsureSuccessStatusCode();
        Assert.Equal(21, await UsedAsync());
        Assert.Equal(0, (await NodeAsync()).GetProperty("free").Number("devices"));
        Assert.Equal("no-capacity", await OutcomeAsync(Guid.CreateVersion7()));
        (await _service.DeliverAsync(Deleted(late))).EnsureSuccessStatusCode();
        Assert.Equal(20, await UsedAsync());
    }

    [Fact]
    public async Task A_release_wins_over_whatever_comes_later()
    {
        var (released, deleted) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await _devices.ReleaseAsync(released).JsonAsync();
        (await _service.DeliverAsync(Deleted(deleted))).EnsureSuccessStatusCode();
        foreach (var device in new[] { released, deleted })
        {
            Assert.Equal("no-capacity", await OutcomeAsync(device));
            (await _service.DeliverAsync(await CreatedAsync(device))).EnsureSuccessStatusCode();
            Assert.Equal("released", (await _operator.GetAsync($"/api/scheduler/placements?deviceId={device}")
                .JsonAsync()).Items().Single().Text("state"));
        }
        Assert.Equal(0, await UsedAsync());
    }

    [Fact]
    public async Task Placing_releasing_and_events_of_many_phones_at_once_end_in_the_right_sum()
    {
        var phones = Enumerable.Range(0, 30).Select(_ => Guid.CreateVersion7()).ToList();
        await Task.WhenAll(phones.SelectMany((p, i) => new[]
        {
            _devices.PlaceAsync(p).JsonAsync(),
            i % 3 == 0 ? _devices.ReleaseAsync(p).JsonAsync() : _devices.PlaceAsync(p).JsonAsync(),
            i % 3 == 0 ? _service.DeliverAsync(Deleted(p)).JsonAsync() : _devices.PlaceAsync(p).JsonAsync(),
        }));
        var held = await _service.InDatabaseAsync(db => db.Set<Placement>()
            .CountAsync(p => p.State == PlacementState.Reserved));
        Assert.Equal(held, await UsedAsync());
        Assert.InRange(held, 1, 20);
        foreach (var phone in phones)
            await _devices.ReleaseAsync(phone).JsonAsync();
        Assert.Equal(0, await UsedAsync());
    }

    [Fact]
    public async Task A_phone_on_an_unknown_node_is_kept_and_counts_nowhere()
    {
        var device = Guid.CreateVersion7();
        (await _service.DeliverAsync(await CreatedAsync(device) with { NodeId = Guid.NewGuid() }))
            .EnsureSuccessStatusCode();
        (await _service.DeliverAsync(Deleted(device))).EnsureSuccessStatusCode();
        Assert.Equal(0, await UsedAsync());
    }

    [Fact]
    public async Task Only_services_place_and_only_what_makes_sense()
    {
        using var user = _service.As(Guid.CreateVersion7(), "admin");
        await user.PlaceAsync(Guid.NewGuid()).ProblemAsync(401, "unauthorized");
        await user.ReleaseAsync(Guid.NewGuid()).ProblemAsync(401, "unauthorized");
        await _devices.PlaceAsync(Guid.NewGuid(), cpuCores: 0).ProblemAsync(400, "bad-request");
        await _devices.PlaceAsync(Guid.NewGuid(), memoryGB: -4).ProblemAsync(400, "bad-request");
        await _devices.PostAsJsonAsync("/internal/placements/place", new { deviceId = "x" })
            .ProblemAsync(400, "bad-request");
        await _devices.PostAsync("/internal/placements/release", null).ProblemAsync(400, "bad-request");
        Assert.Equal(0, await UsedAsync());
        Assert.Empty((await _operator.GetAsync("/api/scheduler/placements").JsonAsync()).Items());
    }

    [Fact]
    public async Task Placements_are_listed_by_node_and_phone()
    {
        var device = Guid.CreateVersion7();
        await OutcomeAsync(device);
        await OutcomeAsync(Guid.CreateVersion7());
        var node = (await NodeAsync()).Id();
        Assert.Equal(2, (await _operator.GetAsync($"/api/scheduler/placements?nodeId={node}").JsonAsync())
            .Items().Count);
        Assert.Equal("reserved", (await _operator.GetAsync($"/api/scheduler/placements?deviceId={device}").JsonAsync())
            .Items().Single().Text("state"));
        Assert.Empty((await _operator.GetAsync($"/api/scheduler/placements?nodeId={Guid.NewGuid()}").JsonAsync())
            .Items());
        Assert.Equal(2, (await _operator.GetAsync($"/api/scheduler/placements/history?nodeId={node}").JsonAsync())
            .Items().Count);
        await _operator.GetAsync("/api/scheduler/placements?nodeId=x").ProblemAsync(400, "bad-request");
    }

    public ValueTask DisposeAsync()
    {
        _operator.Dispose();
        _devices.Dispose();
        return _service.DisposeAsync();
    }
}
