using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Providers;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Supervision;

/// <summary>
/// At start, and then again and again: removes phones that nobody knows, takes up what stands still, and looks whether
/// what should run does.
/// </summary>
sealed partial class Supervisor(
    IServiceScopeFactory scopes, IDeviceProvider provider, ResumeQueue queue, TimeProvider clock, DeviceOptions options,
    ILogger<Supervisor> log)
    : BackgroundService
{
    const int BatchSize = 200;
    const int LookedAtTogether = 16;
    bool _isFirst = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SweepAsync(stoppingToken);
                _isFirst = false;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(log, e.Message);
            }
            await Task.Delay(options.SweepInterval, clock, stoppingToken);
        }
    }

    async Task SweepAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeviceDb>();
        if (_isFirst)
            await RemoveLeftoversAsync(db, ct);
        await TakeUpAsync(db, ct);
        await CheckRunningAsync(db, ct);
    }

    async Task RemoveLeftoversAsync(DeviceDb db, CancellationToken ct)
    {
        var phones = await provider.ListAsync(ct);
        if (phones.Count > 0 && !await db.History.AnyAsync(ct))
        {
            // a database in which there never was a phone is more likely the wrong one than these are leftovers
            Foreign(log, phones.Count);
            return;
        }
        foreach (var chunk in phones.Chunk(BatchSize))
        {
            var ids = chunk.Select(p => p.DeviceId).ToList();
            var known = await db.Devices.Where(d => ids.Contains(d.Id))
                .ToDictionaryAsync(d => d.Id, d => d.NodeName, ct);
            foreach (var phone in chunk.Where(p => !known.TryGetValue(p.DeviceId, out var node)
                || (p.NodeName is not null && node is not null && p.NodeName != node)))
            {
                var hasMoved = known.ContainsKey(phone.DeviceId); // it left without its data: they are still its user's
                Leftover(log, phone.DeviceId, phone.NodeName);
                try
                {
                    await (hasMoved ? provider.DiscardAsync(phone, ct) : provider.RemoveAsync(phone, ct));
                }
                catch (ProviderException e)
                {
                    NotRemoved(log, phone.DeviceId, e.Message);
                }
            }
        }
    }

    /// <summary>At start whatever is not at rest, for this process may have died in the middle of it; later what is
    /// overdue.</summary>
    async Task TakeUpAsync(DeviceDb db, CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            var now = clock.GetUtcNow();
            var due = await db.Devices
                .Where(d => d.Id > last && ((d.DueAt != null && (_isFirst || d.DueAt <= now))
                    || (d.Status == DeviceStatus.Running && d.StopAfterBoot != null)))
                .OrderBy(d => d.Id).Take(BatchSize).Select(d => new { d.Id, d.DueAt }).ToListAsync(ct);
            if (due.Count == 0)
                return;
            foreach (var d in due)
                if (await ClaimAsync(db, d.Id, d.DueAt, now, ct))
                    queue.Add(d.Id);
            last = due[^1].Id;
        }
    }

    /// <summary>Of several replicas one takes it; if that dies, it is due again.</summary>
    static async Task<bool> ClaimAsync(
        DeviceDb db, Guid id, DateTimeOffset? dueAt, DateTimeOffset now, CancellationToken ct)
    {
        var next = now + DeviceMoves.StandStill;
        return dueAt is null || await db.Devices.Where(d => d.Id == id && d.DueAt == dueAt)
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.DueAt, next), ct) == 1;
    }

    async Task CheckRunningAsync(DeviceDb db, CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            var ids = await db.Devices.Where(d => d.Status == DeviceStatus.Running && d.Id > last)
                .OrderBy(d => d.Id).Take(BatchSize).Select(d => d.Id).ToListAsync(ct);
            if (ids.Count == 0)
                return;
            await Parallel.ForEachAsync(
                ids, new ParallelOptions { MaxDegreeOfParallelism = LookedAtTogether, CancellationToken = ct },
                CheckAsync);
            last = ids[^1];
        }
    }

    async ValueTask CheckAsync(Guid id, CancellationToken ct)
    {
        try
        {
            if (await provider.GetStateAsync(id, ct) is { Running: false })
                queue.Add(id);
        }
        catch (ProviderException e)
        {
            NotChecked(log, id, e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The sweep over the devices failed, it is repeated: {Reason}")]
    static partial void Failed(ILogger log, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Removing phone {Device} from node {Node}: there is no such device there")]
    static partial void Leftover(ILogger log, Guid device, string? node);

    [LoggerMessage(3, LogLevel.Warning, "Device {Device} could not be looked at: {Reason}")]
    static partial void NotChecked(ILogger log, Guid device, string reason);

    [LoggerMessage(4, LogLevel.Warning, "The leftover of phone {Device} can't be removed: {Reason}")]
    static partial void NotRemoved(ILogger log, Guid device, string reason);

    [LoggerMessage(5, LogLevel.Error, "{Count} phones here are of another database and are left alone: set "
        + "DATABASE_URL to theirs, or PHONES_FOLDER or CLOUDPHONE_DATA to another folder")]
    static partial void Foreign(ILogger log, int count);
}
