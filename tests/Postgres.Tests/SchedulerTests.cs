using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Scheduler;
using Microsoft.Extensions.Time.Testing;

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

    [Fact]
    public async Task Moves_in_both_directions_at_once_end_in_the_right_sum()
    {
        var url = await server.CreateDatabaseAsync();
        await using var one = Server.On<SchedulerDb>(url);
        await using var two = Server.On<SchedulerDb>(url);
        using var devices = one.AsService(AppIds.Devices);
        using var others = two.AsService(AppIds.Devices);
        await devices.PostAsJsonAsync("/internal/nodes/register",
            new { name = "two", cpuCores = 40, memoryGB = 80, maxDevices = 20 }).JsonAsync();
        var ids = Enumerable.Range(0, 30).Select(_ => Guid.CreateVersion7()).ToList();
        var from = await Http.AtOnceAsync(30, async i => (await devices.PostAsJsonAsync("/internal/placements/place",
            new { deviceId = ids[i], userId = ids[i], cpuCores = 1, memoryGB = 1 }).JsonAsync())
            .GetProperty("nodeId").GetGuid());
        var moved = await Http.AtOnceAsync(60, i => (i % 2 == 0 ? devices : others).PostAsJsonAsync(
            "/internal/placements/move", new { deviceId = ids[i / 2], fromNodeId = from[i / 2] }).JsonAsync());
        Assert.Contains(moved, m => m.Text("outcome") == "moved");
        using var admin = one.As(Guid.CreateVersion7(), "operator");
        var placements = await admin.ItemsAsync("/api/scheduler/placements?limit=100");
        foreach (var node in await admin.ItemsAsync("/api/scheduler/nodes"))
            Assert.Equal(placements.Count(p => p.Text("nodeId") == node.Text("id")),
                node.GetProperty("used").GetProperty("devices").GetInt32());
    }

    [Fact]
    public async Task Two_replicas_tell_each_moment_of_an_action_once()
    {
        var url = await server.CreateDatabaseAsync();
        var clock = new FakeTimeProvider(new(2026, 11, 23, 12, 0, 30, TimeSpan.Zero));
        await using var one = Server.On<SchedulerDb>(url).With(clock);
        await using var two = Server.On<SchedulerDb>(url).With(clock);
        var (user, device) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        using var devices = two.AsService(AppIds.Devices);
        await devices.PostAsJsonAsync("/internal/placements/place",
            new { deviceId = device, userId = user, cpuCores = 1, memoryGB = 1 }).JsonAsync();
        using var client = one.As(user);
        for (var i = 0; i < 20; i++)
            await client.PostAsJsonAsync("/api/scheduler/actions",
                new { deviceIds = new[] { device }, action = "restart", cron = "* * * * *" }).JsonAsync(201);
        for (var minute = 1; minute <= 3; minute++)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            await Wait.UntilAsync($"{20 * minute} events", async () =>
                (await one.PublishedAsync<SchedulerActionDue>()).Count >= 20 * minute);
        }
        var told = await one.PublishedAsync<SchedulerActionDue>();
        Assert.Equal(60, told.Count);
        Assert.Equal(60, told.Select(t => (t.ActionId, t.DueAt)).Distinct().Count());
    }

    [Fact]
    public async Task Room_that_comes_free_at_two_replicas_goes_to_each_who_waits_once()
    {
        var url = await server.CreateDatabaseAsync();
        await using var terms = new UserTermsStub();
        await using var one = Server.On<SchedulerDb>(url, terms.Settings);
        await using var two = Server.On<SchedulerDb>(url, terms.Settings);
        using var devices = one.AsService(AppIds.Devices);
        using var others = two.AsService(AppIds.Devices);
        HttpClient Either(int i) => i % 2 == 0 ? devices : others;
        Task<JsonElement> PlaceAsync(int i, Guid device, Guid user, Guid? reservation) => Either(i).PostAsJsonAsync(
            "/internal/placements/place", new
            {
                deviceId = device, userId = user, cpuCores = 1, memoryGB = 1, reservationId = reservation,
            }).JsonAsync();
        var full = Enumerable.Range(0, 20).Select(_ => Guid.CreateVersion7()).ToList();
        foreach (var device in full)
            Assert.Equal("placed", (await PlaceAsync(0, device, device, null)).Text("outcome"));
        var users = Enumerable.Range(0, 30).Select(_ => Guid.CreateVersion7()).ToList();
        var reserved = await Http.AtOnceAsync(30, async i =>
        {
            using var client = (i % 2 == 0 ? one : two).As(users[i]);
            return (await client.PostAsJsonAsync("/api/scheduler/reservations",
                new { cpuCores = 1, memoryGB = 1, minutes = 60 }).JsonAsync(201)).GetProperty("id").GetGuid();
        });
        // all room comes free while others ask for it: what waits gets it, and nobody twice
        var late = await Http.AtOnceAsync(40, async i => i < 20
            ? await Either(i).PostAsJsonAsync("/internal/placements/release", new { deviceId = full[i] }).JsonAsync()
            : await PlaceAsync(i, Guid.CreateVersion7(), Guid.CreateVersion7(), null));
        Assert.DoesNotContain(late, l => l.Text("outcome") == "placed");
        await Wait.UntilAsync("all room to be held", async () =>
            (await one.PublishedAsync<SchedulerReservationStarted>()).Count >= 20);
        var told = await one.PublishedAsync<SchedulerReservationStarted>();
        Assert.Equal((20, 20), (told.Count, told.Select(t => t.ReservationId).Distinct().Count()));
        Assert.Equal(20, await UsedAsync(one));
        // each is used by two phones at once, of which one gets it
        var made = await Http.AtOnceAsync(60, i =>
            PlaceAsync(i, Guid.CreateVersion7(), users[i / 2], reserved[i / 2]));
        Assert.Equal(20, made.Count(m => m.Text("outcome") == "placed"));
        Assert.Equal(20, await UsedAsync(two));
    }

    [Fact]
    public async Task A_node_is_saved_for_a_large_reservation_whichever_replica_is_asked_and_serves_it()
    {
        var url = await server.CreateDatabaseAsync();
        await using var terms = new UserTermsStub();
        (string, string)[] settings = [.. terms.Settings, ("NODE_CPU_CORES", "8")];
        await using var one = Server.On<SchedulerDb>(url, settings);
        await using var two = Server.On<SchedulerDb>(url, settings);
        using var devices = one.AsService(AppIds.Devices);
        using var others = two.AsService(AppIds.Devices);
        HttpClient Either(int i) => i % 2 == 0 ? devices : others;
        var user = Guid.CreateVersion7();
        var full = Enumerable.Range(0, 4).Select(_ => Guid.CreateVersion7()).ToList();
        foreach (var device in full)
            Assert.Equal("placed", (await PlaceAsync(devices, device, 2)).Text("outcome"));
        using var client = two.As(user);
        var big = await ReserveAsync(client, 8);
        Assert.Equal("waiting", big.Text("state"));
        // its room comes free piece by piece while others ask for each of them
        var late = await Http.AtOnceAsync(40, async i => i % 10 == 0
            ? await Either(i).PostAsJsonAsync(
                "/internal/placements/release", new { deviceId = full[i / 10] }).JsonAsync()
            : await PlaceAsync(Either(i), Guid.CreateVersion7(), 1));
        Assert.DoesNotContain(late, l => l.Text("outcome") == "placed");
        await UntilAsync(client, big, "ready");
        var made = await Http.AtOnceAsync(10, i =>
            PlaceAsync(Either(i), Guid.CreateVersion7(), 8, user, big.GetProperty("id").GetGuid()));
        Assert.Single(made, m => m.Text("outcome") == "placed");
        Assert.Equal(1, await UsedAsync(one));
    }

    [Fact]
    public async Task Room_on_a_node_that_is_lost_is_given_back_once_and_sought_elsewhere_by_two_replicas()
    {
        var url = await server.CreateDatabaseAsync();
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
        await using var terms = new UserTermsStub();
        (string, string)[] settings = [.. terms.Settings, ("NODE_REGISTER", "false"), ("NODE_DOWN_SECONDS", "60")];
        await using var one = Server.On<SchedulerDb>(url, settings).With(clock);
        await using var two = Server.On<SchedulerDb>(url, settings).With(clock);
        using var devices = one.AsService(AppIds.Devices);
        using var others = two.AsService(AppIds.Devices); // which makes it start
        Task<JsonElement> RegisterAsync(string name) => devices.PostAsJsonAsync("/internal/nodes/register",
            new { name, cpuCores = 8, memoryGB = 80, maxDevices = 20 }).JsonAsync();
        await RegisterAsync("lost");
        using var client = two.As(Guid.CreateVersion7());
        var reserved = await Http.AtOnceAsync(4, _ => ReserveAsync(client, 2));
        Assert.All(reserved, r => Assert.Equal("ready", r.Text("state")));
        await Wait.UntilAsync("them to wait again", async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(20));
            return (await client.ItemsAsync("/api/scheduler/reservations")).All(r => r.Text("state") == "waiting");
        });
        Assert.All(await client.ItemsAsync("/api/scheduler/reservations"),
            r => Assert.NotEqual(JsonValueKind.Null, r.GetProperty("roomLostAt").ValueKind));
        await RegisterAsync("new");
        foreach (var reservation in reserved)
            await UntilAsync(client, reservation, "ready");
        using var admin = one.As(Guid.CreateVersion7(), "operator");
        Assert.Equal([("lost", 0), ("new", 4)], (await admin.ItemsAsync("/api/scheduler/nodes"))
            .Select(n => (n.Text("name"), n.GetProperty("used").GetProperty("devices").GetInt32())).Order());
    }

    static Task<JsonElement> ReserveAsync(HttpClient user, int cpuCores) => user.PostAsJsonAsync(
        "/api/scheduler/reservations", new { cpuCores, memoryGB = 1, minutes = 60 }).JsonAsync(201);

    static Task UntilAsync(HttpClient user, JsonElement reservation, string state) =>
        Wait.UntilAsync($"a reservation to be {state}", async () => (await user.GetAsync(
            $"/api/scheduler/reservations/{reservation.Text("id")}").JsonAsync()).Text("state") == state);

    static Task<JsonElement> PlaceAsync(
        HttpClient devices, Guid device, int cpuCores, Guid? user = null, Guid? reservation = null) =>
        devices.PostAsJsonAsync("/internal/placements/place", new
        {
            deviceId = device, userId = user ?? device, cpuCores, memoryGB = 1, reservationId = reservation,
        }).JsonAsync();

    static async Task<int> UsedAsync(TestService<SchedulerDb> service)
    {
        using var client = service.As(Guid.CreateVersion7(), "operator");
        var node = Assert.Single(await client.ItemsAsync("/api/scheduler/nodes"));
        return node.GetProperty("used").GetProperty("devices").GetInt32();
    }
}
