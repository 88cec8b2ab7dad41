using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Scheduler.Placements;
using CloudPhone.Scheduler.Reservations;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Scheduler.Tests.Reservations;

/// <summary>A scheduler with one node "one" of 8 cores, and what users and the device service ask of it.</summary>
public abstract class ReservationScene : IAsyncDisposable
{
    internal const string Path = "/api/scheduler/reservations";
    private protected readonly FakeTimeProvider Clock =
        new(DateTimeOffset.UtcNow) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
    private protected readonly UserTermsStub Terms = new();
    private protected readonly TestService<SchedulerDb> Service;
    private protected readonly HttpClient Operator;
    private protected readonly HttpClient Devices;
    readonly Dictionary<Guid, HttpClient> _users = [];

    protected ReservationScene(params (string, string)[] settings)
    {
        Service = new([("NODE_NAME", "one"), ("NODE_CPU_CORES", "8"), ("NODE_MEMORY_GB", "80"),
            ("NODE_MAX_DEVICES", "20"), .. Terms.Settings, .. settings]);
        Service.With(Clock);
        Operator = Service.As(Guid.CreateVersion7(), "operator");
        Devices = Service.AsService(AppIds.Devices);
    }

    private protected HttpClient As(Guid user) =>
        _users.TryGetValue(user, out var client) ? client : _users[user] = Service.As(user);

    private protected Task<JsonElement> ReserveAsync(Guid user, int cpuCores = 1, int minutes = 60) =>
        As(user).PostAsJsonAsync(Path, new { cpuCores, memoryGB = 1, minutes }).JsonAsync(201);

    private protected async Task<string> StateAsync(Guid user, Guid id) =>
        (await As(user).GetAsync($"{Path}/{id}").JsonAsync()).Text("state");

    private protected Task UntilAsync(string state, Guid user, Guid id) =>
        UntilAsync($"it to be {state}", async () => await StateAsync(user, id) == state);

    /// <summary>Time goes on meanwhile: a worker that read the clock just before a test moved it sleeps once more.
    /// </summary>
    private protected Task UntilAsync(string what, Func<Task<bool>> condition) => Wait.UntilAsync(what, () =>
    {
        Clock.Advance(TimeSpan.FromMilliseconds(100));
        return condition();
    });

    private protected async Task<Guid> FillAsync(int cpuCores = 8)
    {
        var device = Guid.CreateVersion7();
        Assert.Equal("placed", (await Devices.PlaceAsync(device, cpuCores).JsonAsync()).Text("outcome"));
        return device;
    }

    private protected Task<JsonElement> PlaceAsync(Guid user, Guid reservationId, Guid device, int cpuCores = 1) =>
        Devices.PostAsJsonAsync("/internal/placements/place",
            new { deviceId = device, userId = user, cpuCores, memoryGB = 1, reservationId }).JsonAsync();

    private protected async Task<JsonElement> NodeAsync(string name = "one") =>
        (await Operator.GetAsync("/api/scheduler/nodes").JsonAsync()).Items().Single(n => n.Text("name") == name);

    private protected async Task<int> UsedAsync(string name = "one") =>
        (await NodeAsync(name)).GetProperty("used").Number("cpuCores");

    private protected async Task<Guid> AddNodeAsync(string name, int cpuCores) =>
        (await Operator.PostAsJsonAsync("/api/scheduler/nodes",
            new { name, cpuCores, memoryGB = 80, maxDevices = 20 }).JsonAsync(201)).Id();

    /// <summary>What nodes count is what placements and reservations hold.</summary>
    private protected async Task TheBooksAreRightAsync()
    {
        var held = await Service.InDatabaseAsync(async db =>
            (await db.Set<Placement>().Where(p => p.State == PlacementState.Reserved
                || p.State == PlacementState.Confirmed).Select(p => new { p.NodeId, p.CpuCores }).ToListAsync())
            .Concat(await db.Set<Reservation>().Where(r => r.State == ReservationState.Ready)
                .Select(r => new { r.NodeId, r.CpuCores }).ToListAsync()).ToList());
        foreach (var node in (await Operator.GetAsync("/api/scheduler/nodes").JsonAsync()).Items())
        {
            Assert.Equal((held.Count(h => h.NodeId == node.Id()), held.Where(h => h.NodeId == node.Id())
                .Sum(h => h.CpuCores)), (node.GetProperty("used").Number("devices"),
                node.GetProperty("used").Number("cpuCores")));
            Assert.InRange(node.GetProperty("used").Number("cpuCores"), 0,
                node.GetProperty("capacity").Number("cpuCores"));
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var client in _users.Values)
            client.Dispose();
        Operator.Dispose();
        Devices.Dispose();
        await Service.DisposeAsync();
        await Terms.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
