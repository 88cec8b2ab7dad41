using CloudPhone.Devices.Installs;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Snapshots;

/// <summary>Keeps a phone off while its data are copied. Runs in the phone's actor.</summary>
sealed class Holding(DeviceDb db, Commands commands, TimeProvider clock)
{
    /// <summary>Switches it off, and lets nobody switch it on or remove it.</summary>
    /// <returns>False: its state doesn't allow that.</returns>
    public async Task<bool> HoldAsync(Device d, Guid itemId, CancellationToken ct)
    {
        var item = await db.OperationItems.SingleAsync(i => i.Id == itemId, ct);
        if (item.Status != OperationItemStatus.Pending)
            return true;
        var isFit = item.Action == OperationAction.Clone
            ? d is { Status: DeviceStatus.Creating, Step: CreationStep.Placed }
            : d.Status is DeviceStatus.Running or DeviceStatus.Stopped;
        if (d.HeldBy is not null || !isFit)
            return false;
        if (d.Status == DeviceStatus.Running)
        {
            item.StartsAgain = true;
            commands.Apply(d, Trigger.Stop, StopReasons.Snapshot);
        }
        d.HeldBy = itemId;
        item.BeginCopy(clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
        return true;
    }

    /// <summary>Lets it go, on again where it was on. What was copied into it are its data from then on. Where it is
    /// switched on the operation's end is when it has got there, which is for whoever looks next.</summary>
    public async Task ReleaseAsync(Device d, Guid itemId, CancellationToken ct)
    {
        var item = await db.OperationItems.SingleAsync(i => i.Id == itemId, ct);
        if (d.HeldBy != itemId)
            return;
        d.HeldBy = null;
        var isOnAgain = item.StartsAgain && d.Status == DeviceStatus.Stopped
            && await db.StopReasonAsync(d.UserId, ct) is null;
        if (!item.IsEnded)
        {
            if (!isOnAgain)
                item.Succeed(clock.GetUtcNow());
            if (item.Action == OperationAction.Restore)
                d.DataGeneration++;
            if (item.Action != OperationAction.Snapshot)
                db.Add(AppSurvey.Of(d.Id, clock.GetUtcNow()));
            if (ActOf(item.Action) is { } act)
                db.Add(DeviceHistoryEntry.OfAct(
                    d, act, $"snapshot {item.SnapshotId}", item.UserId, clock.GetUtcNow()));
        }
        if (isOnAgain)
            commands.Apply(d, Trigger.Start, StopReasons.Snapshot);
        else if (item.StartsAgain && d.Status == DeviceStatus.Stopping)
            d.RestartAfterStop = true; // it was given up before the phone was off
        await db.SaveChangesAsync(ct);
    }

    /// <returns>Null: a new phone's history begins with its creation.</returns>
    static string? ActOf(OperationAction action) => action switch
    {
        OperationAction.Snapshot => Acts.SnapshotTaken,
        OperationAction.Restore => Acts.Restored,
        _ => null,
    };
}
