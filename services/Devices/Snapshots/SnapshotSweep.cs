using CloudPhone.Devices.Providers;
using CloudPhone.Shared.Work;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Snapshots;

/// <summary>Removes the data of snapshots that nobody has any more and, at start, copies without a row.</summary>
sealed partial class SnapshotSweep(
    IServiceScopeFactory scopes, IDeviceProvider provider, TimeProvider clock, ILogger<SnapshotSweep> log)
    : BackgroundService
{
    static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    readonly WorkSignal _signal = new(clock);
    bool _isFirst = true;

    public void Wake() => _signal.Wake();

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
            await _signal.WaitAsync(Interval, stoppingToken);
        }
    }

    async Task SweepAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeviceDb>();
        if (_isFirst)
            await RemoveLeftoversAsync(db, ct);
        foreach (var id in await db.Snapshots.Where(s => s.Status == SnapshotStatus.Deleting).Select(s => s.Id)
            .ToListAsync(ct))
            if (await DropAsync(id, ct))
                await db.InTransactionAsync(() => db.Snapshots.Where(s => s.Id == id).ExecuteDeleteAsync(ct), ct);
    }

    /// <returns>False where that has to wait, as for a node that is away.</returns>
    async Task<bool> DropAsync(Guid id, CancellationToken ct)
    {
        try
        {
            await provider.DropAsync(id, ct);
            return true;
        }
        catch (ProviderException e)
        {
            NotDropped(log, id, e.Message);
            return false;
        }
    }

    /// <summary>A row is there before its data, so what has none is nobody's; unless the database is another
    /// one's.</summary>
    async Task RemoveLeftoversAsync(DeviceDb db, CancellationToken ct)
    {
        var found = await provider.ListSnapshotsAsync(ct);
        if (found.Count == 0 || !await db.History.AnyAsync(ct))
            return;
        var known = (await db.Snapshots.Where(s => found.Contains(s.Id)).Select(s => s.Id).ToListAsync(ct)).ToHashSet();
        foreach (var id in found.Where(id => !known.Contains(id)))
            await DropAsync(id, ct);
    }

    [LoggerMessage(1, LogLevel.Warning, "Old snapshots could not be removed: {Reason}")]
    static partial void Failed(ILogger log, string reason);

    [LoggerMessage(2, LogLevel.Warning, "The data of snapshot {Snapshot} can't be removed yet: {Reason}")]
    static partial void NotDropped(ILogger log, Guid snapshot, string reason);
}
