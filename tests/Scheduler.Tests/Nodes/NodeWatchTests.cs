using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Testing;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Scheduler.Tests.Nodes;

public sealed class NodeWatchTests : IAsyncDisposable
{
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    readonly TestService<SchedulerDb> _service = new(("NODE_NAME", "one"), ("NODE_DOWN_SECONDS", "60"));
    readonly HttpClient _operator;
    readonly HttpClient _devices;

    public NodeWatchTests()
    {
        _service.With(_clock);
        _operator = _service.As(Guid.CreateVersion7(), "operator");
        _devices = _service.AsService(AppIds.Devices);
    }

    async Task<JsonElement> NodeAsync(string name) =>
        (await _operator.GetAsync("/api/scheduler/nodes").JsonAsync()).Items().Single(n => n.Text("name") == name);

    Task<JsonElement> RegisterAsync(object node) =>
        _devices.PostAsJsonAsync("/internal/nodes/register", node).JsonAsync();

    async Task<List<string?>> BeatAsync(params string[] names) =>
        [.. (await _devices.PostAsJsonAsync("/internal/nodes/heartbeat", new { names }).JsonAsync())
            .GetProperty("unknown").EnumerateArray().Select(n => n.GetString())];

    Task<IReadOnlyList<SchedulerNodeDown>> ToldAsync() => _service.PublishedAsync<SchedulerNodeDown>();

    Task DownAsync(int times) => Wait.UntilAsync($"node_down to be told {times} times", async () =>
    {
        _clock.Advance(TimeSpan.FromSeconds(20));
        return (await ToldAsync()).Count == times;
    });

    [Fact]
    public async Task Registering_adds_a_node_and_what_is_given_later_changes_it()
    {
        var id = (await RegisterAsync(new
        {
            name = "docker-1", cpuCores = 8, memoryGB = 16, maxDevices = 4, labels = new { zone = "a" },
        })).Id("nodeId");
        var again = await RegisterAsync(new { name = "docker-1", maxDevices = 5 });
        Assert.Equal((id, "active"), (again.Id("nodeId"), again.Text("state")));
        var node = await NodeAsync("docker-1");
        Assert.Equal((8, 5, "a"), (node.GetProperty("capacity").Number("cpuCores"),
            node.GetProperty("capacity").Number("devices"), node.GetProperty("labels").Text("zone")));
        Assert.Equal(["docker-2"], await BeatAsync("docker-1", "docker-2"));
    }

    [Fact]
    public async Task A_node_that_lacks_what_phones_need_takes_none_until_it_is_mended()
    {
        static object Node(params object[] preflight) => new { name = "two", maxDevices = 4, preflight };
        static object Check(string status) => new { name = "binder", status, text = "load it" };
        var id = (await RegisterAsync(Node(Check("failed"), new { name = "ipv6", status = "ok", text = "" })))
            .Id("nodeId");
        var node = await _operator.GetAsync($"/api/scheduler/nodes/{id}").JsonAsync();
        Assert.Equal("unfit", node.Text("state"));
        var check = node.GetProperty("preflight")[0];
        Assert.Equal(("binder", "failed", "load it"), (check.Text("name"), check.Text("status"), check.Text("text")));
        Assert.Equal("two", (await _devices.GetAsync("/internal/nodes/unfit").JsonAsync()).GetProperty("names")[0]
            .GetString());
        var placing = new
        {
            deviceId = Guid.CreateVersion7(), userId = Guid.CreateVersion7(), cpuCores = 1, memoryGB = 1,
            avoidNodeIds = new[] { (await NodeAsync("one")).Id() },
        };
        Assert.Equal("no-capacity",
            (await _devices.PostAsJsonAsync("/internal/placements/place", placing).JsonAsync()).Text("outcome"));
        await RegisterAsync(new { name = "two" }); // what is left out stays
        Assert.Equal("unfit", (await NodeAsync("two")).Text("state"));
        await _operator.PatchAsJsonAsync($"/api/scheduler/nodes/{id}", new { state = "unfit" })
            .ProblemAsync(400, "bad-request");
        await _operator.PostAsync($"/api/scheduler/nodes/{id}/drain", null).JsonAsync();
        Assert.Equal("draining", (await NodeAsync("two")).Text("state"));
        await _operator.PostAsync($"/api/scheduler/nodes/{id}/undrain", null).JsonAsync();
        await RegisterAsync(Node(Check("warn")));
        Assert.Equal("active", (await NodeAsync("two")).Text("state"));
        Assert.Empty((await _devices.GetAsync("/internal/nodes/unfit").JsonAsync()).GetProperty("names")
            .EnumerateArray());
        Assert.Equal("placed",
            (await _devices.PostAsJsonAsync("/internal/placements/place", placing).JsonAsync()).Text("outcome"));
    }

    [Fact]
    public async Task A_node_that_is_not_heard_of_is_down_once_and_takes_nothing_until_it_is_back()
    {
        var id = (await RegisterAsync(new { name = "two", maxDevices = 4 })).Id("nodeId");
        await DownAsync(1);
        Assert.Equal((id, "two"), ((await ToldAsync())[0].NodeId, (await ToldAsync())[0].NodeName));
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("down", (await NodeAsync("two")).Text("state"));
        Assert.Equal("active", (await NodeAsync("one")).Text("state")); // had no heartbeat ever
        var selected = new
        {
            deviceId = Guid.CreateVersion7(), userId = Guid.CreateVersion7(), cpuCores = 1, memoryGB = 1,
            avoidNodeIds = new[] { (await NodeAsync("one")).Id() },
        };
        Assert.Equal("no-capacity",
            (await _devices.PostAsJsonAsync("/internal/placements/place", selected).JsonAsync()).Text("outcome"));
        Assert.Empty(await BeatAsync("two"));
        Assert.Equal("active", (await NodeAsync("two")).Text("state"));
        Assert.Equal("placed",
            (await _devices.PostAsJsonAsync("/internal/placements/place", selected).JsonAsync()).Text("outcome"));
        Assert.Single(await ToldAsync());
        await DownAsync(2);
    }

    [Fact]
    public async Task A_node_that_drains_and_comes_back_still_drains()
    {
        var id = (await RegisterAsync(new { name = "two" })).Id("nodeId");
        Assert.Equal("draining",
            (await _operator.PostAsync($"/api/scheduler/nodes/{id}/drain", null).JsonAsync()).Text("state"));
        await DownAsync(1);
        Assert.Equal("down", (await NodeAsync("two")).Text("state"));
        await BeatAsync("two");
        Assert.Equal("draining", (await NodeAsync("two")).Text("state"));
        Assert.Equal("active",
            (await _operator.PostAsync($"/api/scheduler/nodes/{id}/undrain", null).JsonAsync()).Text("state"));
    }

    [Fact]
    public async Task A_service_that_was_away_itself_gives_nodes_time_to_be_heard()
    {
        var data = Directory.CreateTempSubdirectory("cloudphone-test-");
        (string, string)[] settings = [("CLOUDPHONE_DATA", data.FullName), ("NODE_REGISTER", "false")];
        await using (var before = new TestService<SchedulerDb>(settings).With(_clock))
        {
            using var devices = before.AsService(AppIds.Devices);
            await devices.PostAsJsonAsync("/internal/nodes/register", new { name = "two" }).JsonAsync();
        }
        _clock.Advance(TimeSpan.FromHours(1));
        var back = _clock.GetUtcNow();
        await using (var next = new TestService<SchedulerDb>(settings).With(_clock))
        {
            using var client = next.As(Guid.CreateVersion7(), "operator");
            await Wait.UntilAsync("it to be down", async () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                return (await client.GetAsync("/api/scheduler/nodes").JsonAsync()).Items()[0].Text("state") == "down";
            });
            var told = Assert.Single(await next.PublishedAsync<SchedulerNodeDown>());
            Assert.True(told.DownAt - back >= TimeSpan.FromSeconds(60));
        }
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task Bad_signs_of_life_are_refused()
    {
        const string Register = "/internal/nodes/register", Beat = "/internal/nodes/heartbeat";
        foreach (var bad in new object[] { new { name = "a b" }, new { }, new { name = "n", cpuCores = 0 },
            new { name = "n", labels = new Dictionary<string, string> { ["a b"] = "c" } },
            new { name = "n", preflight = new[] { new { name = "", status = "ok", text = "" } } },
            new { name = "n", preflight = new[] { new { name = "x", status = "well", text = "" } } },
            new { name = "n", preflight = new[] { new { name = "x", status = "ok", text = new string('x', 501) } } },
            new { name = "n", preflight = Enumerable.Repeat(new { name = "x", status = "ok", text = "" }, 33) },
            new { name = "n", labels = new { a = "x\ny" } }, new { name = "n", labels = new { a = "" } } })
            await _devices.PostAsJsonAsync(Register, bad).ProblemAsync(400, "bad-request");
        await _devices.PostAsJsonAsync(Beat, new { names = new[] { "a b" } }).ProblemAsync(400, "bad-request");
        await _devices.PostAsJsonAsync(Beat, new { names = Enumerable.Repeat("n", 1001) })
            .ProblemAsync(400, "bad-request");
        await _operator.PostAsJsonAsync(Register, new { name = "n" }).ProblemAsync(401, "unauthorized");
        await _operator.PostAsJsonAsync(Beat, new { names = new[] { "one" } }).ProblemAsync(401, "unauthorized");
        Assert.Single((await _operator.GetAsync("/api/scheduler/nodes").JsonAsync()).Items());
    }

    [Fact]
    public async Task Only_an_empty_node_is_removed_and_what_is_left_on_it_can_be_seen()
    {
        var node = (await NodeAsync("one")).Id();
        var device = Guid.CreateVersion7();
        await _devices.PlaceAsync(device).JsonAsync();
        await _operator.PostAsync($"/api/scheduler/nodes/{node}/drain", null).JsonAsync();
        Assert.Equal("no-capacity", (await _devices.PlaceAsync(Guid.CreateVersion7()).JsonAsync()).Text("outcome"));
        var left = (await _operator.GetAsync($"/api/scheduler/nodes/{node}/phones").JsonAsync()).Items();
        Assert.Equal(device, Assert.Single(left).Id("deviceId"));
        await _operator.DeleteAsync($"/api/scheduler/nodes/{node}").ProblemAsync(409, "node-not-empty");
        await _devices.ReleaseAsync(device).JsonAsync();
        Assert.Empty((await _operator.GetAsync($"/api/scheduler/nodes/{node}/phones").JsonAsync()).Items());
        await _operator.DeleteAsync($"/api/scheduler/nodes/{node}").JsonAsync(204);
        foreach (var path in new[] { "/drain", "/undrain" })
            await _operator.PostAsync($"/api/scheduler/nodes/{node}{path}", null).ProblemAsync(404, "not-found");
        await _operator.GetAsync($"/api/scheduler/nodes/{node}/phones").ProblemAsync(404, "not-found");
        await _operator.DeleteAsync($"/api/scheduler/nodes/{node}").ProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task Users_take_no_node_out_of_service()
    {
        using var user = _service.As(Guid.CreateVersion7());
        using var anonymous = _service.Anonymous();
        var node = $"/api/scheduler/nodes/{(await NodeAsync("one")).Id()}";
        foreach (var (client, status, type) in new[] { (user, 403, "forbidden"), (anonymous, 401, "unauthorized") })
        {
            await client.PostAsync($"{node}/drain", null).ProblemAsync(status, type);
            await client.PostAsync($"{node}/undrain", null).ProblemAsync(status, type);
            await client.GetAsync($"{node}/phones").ProblemAsync(status, type);
            await client.DeleteAsync(node).ProblemAsync(status, type);
        }
        Assert.Equal("active", (await NodeAsync("one")).Text("state"));
    }

    public ValueTask DisposeAsync()
    {
        _operator.Dispose();
        _devices.Dispose();
        return _service.DisposeAsync();
    }
}
