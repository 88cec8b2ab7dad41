using CloudPhone.Devices.Actors;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Devices.Providers;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Snapshots;

/// <summary>
/// One step of a snapshot or of what is made of one: the phone is held, which switches it off; once it is off its data
/// are copied; then it is let go, which switches it on again. A new phone is held before its first start. Each may be
/// repeated.
/// </summary>
sealed class SnapshotStep(DeviceDb db, DeviceActors actors, IDeviceProvider provider, TimeProvider clock)
{
    const int MaxAttempts = 5;
    static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    /// <returns>When it goes on; null when it is over.</returns>
    public async Task<DateTimeOffset?> TryAsync(OperationItem item, CancellationToken ct)
    {
        if (item.IsEnded)
        {
            await LetGoAsync(item, ct); // an earlier try could not
            return null;
        }
        var isNew = item.Status == OperationItemStatus.Pending;
        if (isNew)
            await BeginAsync(item, ct);
        if (item.Status == OperationItemStatus.Running)
            await GoOnAsync(item, ct);
        // one that is on its way is not taken before it is at rest
        return item.IsEnded ? null : isNew ? clock.GetUtcNow() : clock.GetUtcNow() + LookAgain;
    }

    /// <summary>Nothing has been done yet.</summary>
    async Task BeginAsync(OperationItem item, CancellationToken ct)
    {
        if (clock.GetUtcNow() >= item.DeadlineAt)
        {
            await FailAsync(item, "timed-out", "It could not be begun.", ct);
            return;
        }
        var answer = await actors.HoldAsync(item.DeviceId, item.Id, ct);
        await db.Entry(item).ReloadAsync(ct);
        if (item.Status == OperationItemStatus.Pending)
            await (answer.Outcome switch
            {
                "not-found" => FailAsync(item, "not-found", "There is no such device.", ct),
                "held" => FailAsync(item, "busy", "The phone's data are being copied already.", ct),
                _ => FailAsync(item, "wrong-state", item.Action == OperationAction.Clone
                    ? "The phone's creation was given up." : "The phone has to run, or be stopped.", ct),
            });
    }

    /// <summary>The phone is at rest, or waits for its first data.</summary>
    async Task GoOnAsync(OperationItem item, CancellationToken ct)
    {
        var device = await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == item.DeviceId, ct);
        if (item.Action != OperationAction.Clone && device?.HeldBy != item.Id)
        {
            // it was let go with all done, and is back where it was, or where somebody has brought it since
            await LetGoAsync(item, ct);
            item.Succeed(clock.GetUtcNow());
            return;
        }
        if (device is null)
        {
            await FailAsync(item, "not-found", "The phone was deleted meanwhile.", ct);
            return;
        }
        (string Type, string Detail)? failure = null;
        if (clock.GetUtcNow() >= item.DeadlineAt)
            failure = ("timed-out", "It is not over by now, and was given up.");
        else if (item.Action == OperationAction.Clone && device.Status != DeviceStatus.Creating)
            failure = ("not-found", "The phone's creation was given up.");
        else if (item.Action != OperationAction.Clone && device.Status != DeviceStatus.Stopped)
            return; // on its way there
        else
            try
            {
                await CopyAsync(item, device, ct);
            }
            catch (ProviderException e) when (item.Attempts >= MaxAttempts)
            {
                failure = ("provider-failed", e.Message);
            }
        // data that are being put in place can't be given up any more
        if (failure is not null && item.Action == OperationAction.Restore
            && !await provider.UndoAsync(AfterRestore(device), ct))
            await CopyAsync(item, device, ct);
        else if (failure is { } f)
            await FailAsync(item, f.Type, f.Detail, ct);
        await LetGoAsync(item, ct);
        await db.Entry(item).ReloadAsync(ct);
    }

    /// <summary>The data that it had before a restore go, too.</summary>
    async Task LetGoAsync(OperationItem item, CancellationToken ct)
    {
        await actors.ReleaseAsync(item.DeviceId, item.Id, ct);
        if (item.Action == OperationAction.Restore && await db.Devices.AsNoTracking()
            .SingleOrDefaultAsync(d => d.Id == item.DeviceId, ct) is { } device)
            await provider.TidyAsync(device.Spec, ct);
    }

    async Task CopyAsync(OperationItem item, Device device, CancellationToken ct)
    {
        var snapshot = await db.Snapshots.SingleOrDefaultAsync(s => s.Id == item.SnapshotId, ct)
            ?? throw new ProviderException("The snapshot is gone.");
        if (item.Action != OperationAction.Snapshot && snapshot.Status != SnapshotStatus.Ready)
            throw new ProviderException("The snapshot is being removed.");
        if (item.Action == OperationAction.Restore)
        {
            await provider.LoadAsync(AfterRestore(device), snapshot.Id, ct);
        }
        else if (item.Action == OperationAction.Clone)
        {
            await provider.CreateAsync(device.Spec, ct);
            await provider.LoadAsync(device.Spec, snapshot.Id, ct);
        }
        else if (snapshot.Status == SnapshotStatus.Creating)
        {
            snapshot.Bytes = await provider.SaveAsync(device.Spec, snapshot.Id, ct);
            snapshot.Status = SnapshotStatus.Ready;
            await db.SaveChangesAsync(ct);
        }
    }

    /// <summary>A copy that came to nothing is removed.</summary>
    async Task FailAsync(OperationItem item, string type, string detail, CancellationToken ct)
    {
        item.Fail(type, detail, clock.GetUtcNow());
        if (item.Action == OperationAction.Snapshot
            && await db.Snapshots.SingleOrDefaultAsync(s => s.Id == item.SnapshotId, ct) is { } snapshot
            && snapshot.Status == SnapshotStatus.Creating)
            snapshot.Status = SnapshotStatus.Deleting;
        await db.SaveChangesAsync(ct);
    }

    static PhoneSpec AfterRestore(Device device) => device.Spec with { Generation = device.DataGeneration + 1 };
}
