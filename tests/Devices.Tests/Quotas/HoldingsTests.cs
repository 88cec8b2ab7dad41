using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Quotas;
using CloudPhone.Testing;

namespace CloudPhone.Devices.Tests.Quotas;

public sealed class HoldingsTests : IAsyncDisposable
{
    const string Path = "/internal/devices/holdings";
    readonly TestService<DeviceDb> _service = new(("DEVICE_SWEEP_SECONDS", "60"));
    readonly DateTimeOffset _now = DateTimeOffset.UtcNow;
    int _count;

    async Task<Guid> AddAsync(
        DeviceStatus status = DeviceStatus.Running, CreationStep step = CreationStep.Announced, bool isGone = false)
    {
        var id = Guid.CreateVersion7(_now.AddSeconds(_count++));
        await _service.InDatabaseAsync(async db =>
        {
            db.Add(new Device
            {
                Id = id, UserId = Guid.CreateVersion7(), Name = "p", CpuCores = 2, MemoryGB = 4, Status = status,
                Step = step, CreatedAt = _now, StatusSince = _now, DeletedAt = isGone ? _now : null,
                DueAt = _now.AddHours(1),
            });
            return await db.SaveChangesAsync();
        });
        return id;
    }

    async Task<IReadOnlyList<HeldDevice>> AskAsync(string query)
    {
        using var client = _service.AsService(AppIds.Users);
        return (await client.GetFromJsonAsync<HeldDevices>($"{Path}?{query}"))!.Items;
    }

    [Fact]
    public async Task It_says_which_phones_exist_and_which_of_them_count()
    {
        var counted = await AddAsync(DeviceStatus.Failed);
        var creating = await AddAsync(DeviceStatus.Creating, CreationStep.Provisioned);
        var deleting = await AddAsync(DeviceStatus.Deleting);
        var gone = await AddAsync(DeviceStatus.Deleting, isGone: true);
        var ids = new[] { gone, deleting, Guid.CreateVersion7(), creating, counted };
        var asked = await AskAsync(string.Join('&', ids.Select(id => $"ids={id}")));
        Assert.Equal([(counted, true), (creating, false), (deleting, false)],
            asked.Select(d => (d.DeviceId, d.IsCounted)));
        Assert.All(asked, d => Assert.Equal((2, 4), (d.CpuCores, d.MemoryGB)));
        Assert.Equal(asked, await AskAsync(""));
        Assert.Equal([creating, deleting], (await AskAsync($"after={counted}")).Select(d => d.DeviceId));
        Assert.Empty(await AskAsync($"after={deleting}"));
    }

    [Fact]
    public async Task It_is_for_services_and_asks_for_a_hundred_at_most()
    {
        using var anonymous = _service.Anonymous();
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync(Path)).StatusCode);
        using var admin = _service.As(Guid.CreateVersion7(), "admin");
        Assert.Equal(HttpStatusCode.Unauthorized, (await admin.GetAsync(Path)).StatusCode);
        using var users = _service.AsService(AppIds.Users);
        var ids = string.Join('&', Enumerable.Range(0, 100).Select(_ => $"ids={Guid.CreateVersion7()}"));
        Assert.Equal(HttpStatusCode.OK, (await users.GetAsync($"{Path}?{ids}")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest,
            (await users.GetAsync($"{Path}?{ids}&ids={Guid.CreateVersion7()}")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await users.GetAsync($"{Path}?ids=one")).StatusCode);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
