using CloudPhone.Contracts;
using CloudPhone.Shared.Http;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Quotas;

/// <summary>A phone as the device service knows it.</summary>
/// <param name="IsCounted">Its creation has reported its usage, and its removal has not begun.</param>
sealed record HeldDevice(Guid DeviceId, Guid UserId, int CpuCores, int MemoryGB, bool IsCounted);

sealed record HeldDevices(IReadOnlyList<HeldDevice> Items);

/// <summary>
/// Mends holdings that differ from what the device service says: a counted phone that is no more is released, one that
/// exists is counted with its size. Young phones are left alone, since reports about them may be on their way.
/// </summary>
sealed partial class Reconciliation(
    UsersDb db, Holdings holdings, QuotaCache cache, [FromKeyedServices(AppIds.Devices)] Sibling devices,
    TimeProvider clock, ILogger<Reconciliation> log)
{
    const string Path = "/internal/devices/holdings";
    const int PageSize = 100;
    static readonly TimeSpan MinAge = TimeSpan.FromMinutes(20);

    /// <exception cref="SiblingUnavailableException">The device service is away.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        // ids of phones tell when they were made
        var young = Guid.CreateVersion7(clock.GetUtcNow() - MinAge);
        await ReleaseGoneAsync(young, ct);
        await CountForgottenAsync(young, ct);
    }

    /// <summary>A phone's row is written before anything is held for it: one without a row is gone.</summary>
    async Task ReleaseGoneAsync(Guid young, CancellationToken ct)
    {
        var after = Guid.Empty;
        while (true)
        {
            var page = await db.QuotaHoldings.AsNoTracking()
                .Where(h => h.State == HoldingState.Counted && h.DeviceId > after && h.DeviceId < young)
                .OrderBy(h => h.DeviceId).Take(PageSize).ToListAsync(ct);
            if (page.Count == 0)
                return;
            var there = (await AskAsync(string.Join('&', page.Select(h => $"ids={h.DeviceId}")), ct))
                .Select(d => d.DeviceId).ToHashSet();
            foreach (var h in page.Where(h => !there.Contains(h.DeviceId)))
                await MendAsync(HoldingTrigger.Decrement, new(h.UserId, h.DeviceId, h.CpuCores, h.MemoryGB), ct);
            after = page[^1].DeviceId;
        }
    }

    async Task CountForgottenAsync(Guid young, CancellationToken ct)
    {
        var page = await AskAsync("", ct);
        while (page.Count > 0)
        {
            var there = page.Where(d => d.IsCounted && d.DeviceId < young).ToList();
            var ids = there.ConvertAll(d => d.DeviceId);
            var held = await db.QuotaHoldings.AsNoTracking().Where(h => ids.Contains(h.DeviceId))
                .ToDictionaryAsync(h => h.DeviceId, ct);
            foreach (var d in there.Where(d => IsWrong(held.GetValueOrDefault(d.DeviceId), d)))
                await MendAsync(HoldingTrigger.Found, new(d.UserId, d.DeviceId, d.CpuCores, d.MemoryGB), ct);
            page = await AskAsync($"after={page[^1].DeviceId}", ct);
        }
    }

    bool IsWrong(QuotaHolding? held, HeldDevice device) => held switch
    {
        null => true,
        // given back a moment ago, after the answer was made
        { State: HoldingState.Released } => held.ExpiresAt < clock.GetUtcNow() - MinAge + Holdings.Remembered,
        { State: HoldingState.Counted } => (held.CpuCores, held.MemoryGB) != (device.CpuCores, device.MemoryGB),
        _ => true,
    };

    async Task MendAsync(HoldingTrigger trigger, Demand demand, CancellationToken ct)
    {
        var (outcome, state) = await holdings.ApplyAsync(trigger, demand, ct);
        await cache.DropAsync(demand.UserId);
        Mended(log, demand.DeviceId, demand.UserId, state, outcome);
    }

    async Task<IReadOnlyList<HeldDevice>> AskAsync(string query, CancellationToken ct) =>
        (await devices.GetAsync<HeldDevices>($"{Path}?{query}", ct)
            ?? throw new SiblingUnavailableException(AppIds.Devices, null)).Items;

    [LoggerMessage(1, LogLevel.Warning,
        "What device {Device} takes of the quota of {User} was not what is there; it is {State} now ({Outcome})")]
    static partial void Mended(ILogger log, Guid device, Guid user, HoldingState? state, HoldingOutcome outcome);
}
