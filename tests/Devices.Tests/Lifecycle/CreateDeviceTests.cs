using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Tests.Lifecycle;

public sealed class CreateDeviceTests
{
    [Fact]
    public async Task A_phone_is_created_boots_runs_and_is_told_once()
    {
        await using var platform = await DevicePlatform.StartAsync(settings: ("PHONE_BOOT_SECONDS", "1"));
        platform.Client.DefaultRequestHeaders.Add("X-Request-ID", "my-request");
        var device = await platform.CreateAsync("my phone");
        Assert.Equal((DeviceStatus.Creating, "my phone", 2, 4),
            (device.Status, device.Name, device.CpuCores, device.MemoryGB));
        Assert.Equal("counted", platform.Siblings.Quota[device.Id]);
        Assert.True((await platform.Provider.GetStateAsync(device.Id, default)).Running);
        await platform.WaitAsync(device.Id, DeviceStatus.Running);
        Assert.All(platform.Siblings.RequestIds, id => Assert.Equal("my-request", id));
        var trace = Assert.Single(platform.Siblings.Traces.Distinct());
        await platform.Service.InDatabaseAsync(async db =>
        {
            var told = await db.Outbox.Select(m => m.TraceParent).ToListAsync();
            Assert.All(told, t => Assert.Contains(trace, t, StringComparison.Ordinal));
            return true;
        });

        var created = Assert.Single(await platform.Service.PublishedAsync<DeviceCreated>());
        var started = Assert.Single(await platform.Service.PublishedAsync<DeviceStarted>());
        Assert.Equal((device.Id, platform.User, "my phone", "phone"),
            (created.DeviceId, created.UserId, created.DeviceName, created.DeviceType));
        Assert.True(created.Version < started.Version);
        Assert.Equal((await platform.GetAsync(device.Id))!.Version, started.Version);
        var history = await platform.GetAsync<Page<HistoryView>>($"/api/devices/{device.Id}/history");
        Assert.Equal([(DeviceStatus.Creating, DeviceStatus.Running), (null, DeviceStatus.Creating)],
            history!.Items.Select(h => (h.From, h.To)));
        Assert.All(history.Items, h => Assert.Equal("my-request", h.RequestId));
    }

    [Fact]
    public async Task Over_quota_is_refused_with_its_figures_and_leaves_nothing()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.MaxDevices = 0;
        var problem = await Expect.ProblemAsync(await platform.PostAsync(), 403, "quota-exceeded");
        Assert.Equal("No more phones.", problem.GetProperty("detail").GetString());
        Assert.Equal(0, problem.GetProperty("limits").GetProperty("maxDevices").GetInt32());
        Assert.Equal(0, problem.GetProperty("usage").GetProperty("currentDevices").GetInt32());
        var left = problem.GetProperty("remaining");
        Assert.Equal((0, 100, 200), (left.GetProperty("devices").GetInt32(), left.GetProperty("cpuCores").GetInt32(),
            left.GetProperty("memoryGB").GetInt32()));
        Assert.False(problem.TryGetProperty("validUntil", out _));
        var end = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        platform.Siblings.QuotaEndedAt = end;
        problem = await Expect.ProblemAsync(await platform.PostAsync(), 403, "quota-exceeded");
        Assert.Equal(end, problem.GetProperty("validUntil").GetDateTimeOffset());
        await AssertNothingAsync(platform);
        Assert.Empty(await platform.Service.PublishedAsync<DeviceCreationFailed>());
    }

    [Fact]
    public async Task Without_room_on_a_node_the_creation_is_undone_and_told()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.NodeRoom = 0;
        await Expect.ProblemAsync(await platform.PostAsync(), 503, "no-capacity");
        await AssertNothingAsync(platform);
        var failed = Assert.Single(await platform.Service.PublishedAsync<DeviceCreationFailed>());
        Assert.Equal("no-capacity", failed.ErrorCode);
        Assert.Empty(await platform.Service.PublishedAsync<DeviceDeleted>());
    }

    [Theory]
    [InlineData("no-reservation", 404)]
    [InlineData("reservation-not-ready", 409)]
    [InlineData("reservation-differs", 409)]
    public async Task A_reservation_that_gives_no_room_is_a_refusal_that_leaves_nothing(string outcome, int status)
    {
        await using var platform = await DevicePlatform.StartAsync();
        var reservation = Guid.CreateVersion7();
        var body = new { name = "phone", cpuCores = 1, memoryGB = 1, reservationId = reservation };
        platform.Siblings.ReservationOutcome = outcome;
        await Expect.ProblemAsync(await platform.Client.PostAsJsonAsync("/api/devices", body), status, outcome);
        await AssertNothingAsync(platform);
        Assert.Equal(outcome, Assert.Single(await platform.Service.PublishedAsync<DeviceCreationFailed>()).ErrorCode);
        platform.Siblings.ReservationOutcome = null;
        using var made = await platform.Client.PostAsJsonAsync("/api/devices", body);
        Assert.Equal(System.Net.HttpStatusCode.Created, made.StatusCode);
        Assert.Equal([reservation, reservation], platform.Siblings.Reservations);
    }

    [Fact]
    public async Task A_placement_whose_answer_was_lost_is_given_back_when_the_scheduler_is_there_again()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.SchedulerDies = true;
        await Expect.ProblemAsync(await platform.PostAsync(), 503, "unavailable");
        Assert.Single(platform.Siblings.Placements);
        platform.Siblings.SchedulerDies = false;
        await Wait.UntilAsync("it to be given back", async () =>
            (await platform.GetAsync<Page<object>>("/api/devices"))!.Items.Count == 0, 60);
        Assert.Empty(platform.Siblings.Placements);
        await AssertNothingAsync(platform);
    }

    [Fact]
    public async Task A_phone_that_never_boots_is_undone_and_told()
    {
        await using var platform = await DevicePlatform.StartAsync(
            settings: [("PHONE_BOOT_SECONDS", "600"), ("PHONE_BOOT_LIMIT_SECONDS", "1")]);
        var device = await platform.CreateAsync();
        await Wait.UntilAsync("it to be gone", async () => await platform.GetAsync(device.Id) is null, 60);
        await AssertNothingAsync(platform);
        var failed = Assert.Single(await platform.Service.PublishedAsync<DeviceCreationFailed>());
        var deleted = Assert.Single(await platform.Service.PublishedAsync<DeviceDeleted>());
        Assert.Equal("boot-timed-out", failed.ErrorCode);
        Assert.True(failed.Version < deleted.Version);
    }

    [Fact]
    public async Task A_phone_whose_first_boot_crashes_again_and_again_is_undone_and_told()
    {
        await using var platform = await DevicePlatform.StartAsync(settings: ("PHONE_BOOT_SECONDS", "600"));
        var id = (await platform.CreateAsync()).Id;
        var started = new HashSet<int>();
        await Wait.UntilAsync("it to be gone", async () =>
        {
            if ((await platform.Provider.GetStateAsync(id, default)).Adb is not null)
            {
                started.Add(PhoneProcess.Pid(platform.PhonesFolder, id));
                PhoneProcess.Kill(platform.PhonesFolder, id);
            }
            return await platform.GetAsync(id) is null;
        }, 60);
        Assert.Equal(1 + Recovery.MaxAttempts, started.Count);
        await AssertNothingAsync(platform);
        Assert.Equal("provider-failed",
            Assert.Single(await platform.Service.PublishedAsync<DeviceCreationFailed>()).ErrorCode);
    }

    [Fact]
    public async Task Twenty_at_once_never_pass_the_quota()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.MaxDevices = 8;
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => platform.PostAsync($"p{i}")));
        Assert.Equal(8, answers.Count(a => a.StatusCode == HttpStatusCode.Created));
        Assert.Equal(12, answers.Count(a => a.StatusCode == HttpStatusCode.Forbidden));
        await Wait.UntilAsync("eight to run", async () =>
            (await platform.Service.PublishedAsync<DeviceStarted>()).Count == 8, 120);
        Assert.Equal(8, platform.Siblings.Held);
        Assert.Equal(8, platform.Siblings.Placements.Count);
        Assert.Equal(8, Directory.GetDirectories(platform.PhonesFolder).Length);
        Assert.Equal(8, (await platform.Service.PublishedAsync<DeviceCreated>()).Count);
    }

    [Fact]
    public async Task Without_a_sidecar_nothing_is_created()
    {
        await using var platform = await DevicePlatform.StartAsync(withSidecar: false);
        await Expect.ProblemAsync(await platform.PostAsync(), 503, "unavailable");
        await AssertNothingAsync(platform);
    }

    [Fact]
    public async Task What_an_actor_that_died_has_reserved_is_given_back_when_the_creation_is_taken_back()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var gate = new TaskCompletionSource();
        platform.Siblings.QuotaGate = gate.Task;
        platform.Client.DefaultRequestHeaders.Add("Idempotency-Key", "one");
        var first = platform.PostAsync();
        await Wait.UntilAsync("the row", () => platform.Service.InDatabaseAsync(db => db.Set<Device>().AnyAsync()));
        await platform.StopSidecarAsync();
        await Expect.ProblemAsync(await first, 503, "unavailable");
        gate.SetResult(); // the reservation comes through all the same
        await Wait.UntilAsync("the quota to be free", () => platform.Siblings.Quota.Values.SequenceEqual(["released"]));
        await AssertNothingAsync(platform);
    }

    [Fact]
    public async Task The_same_key_creates_one_phone()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Client.DefaultRequestHeaders.Add("Idempotency-Key", "one");
        var first = await platform.CreateAsync();
        using var again = await platform.PostAsync();
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(first.Id, (await platform.GetAsync<Page<DeviceView>>("/api/devices"))!.Items.Single().Id);
    }

    [Fact]
    public async Task A_caller_who_gave_up_and_repeats_under_the_same_key_gets_one_phone()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Client.DefaultRequestHeaders.Add("Idempotency-Key", "one");
        var gate = new TaskCompletionSource();
        platform.Siblings.QuotaGate = gate.Task;
        // as a sidecar whose time-out is over
        using (var impatience = new CancellationTokenSource())
        {
            var first = platform.PostAsync(ct: impatience.Token);
            await Wait.UntilAsync("the reservation to be asked for", () => !platform.Siblings.RequestIds.IsEmpty);
            await impatience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        }
        gate.SetResult();
        await Wait.UntilAsync("the repetition to be taken", async () =>
        {
            using var again = await platform.PostAsync();
            return again.StatusCode == HttpStatusCode.Created;
        });
        Assert.Single((await platform.GetAsync<Page<DeviceView>>("/api/devices"))!.Items);
        Assert.Equal(1, platform.Siblings.Held);
    }

    static async Task AssertNothingAsync(DevicePlatform platform)
    {
        Assert.Empty((await platform.GetAsync<Page<DeviceView>>("/api/devices"))!.Items);
        Assert.Equal(0, platform.Siblings.Held);
        Assert.Empty(await platform.Provider.ListAsync(default));
    }
}
