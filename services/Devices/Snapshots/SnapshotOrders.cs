using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Devices.Providers;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Snapshots;

/// <summary>Begins with snapshots and with what is made of them; the copies' worker copies. What is checked holds until
/// it is saved: all of this runs in the caller's transaction.</summary>
sealed class SnapshotOrders(DeviceDb db, IDeviceProvider provider, DeviceOptions options, TimeProvider clock)
{
    /// <summary>Adds a snapshot with its operation, for the caller to save. All have the same id.</summary>
    /// <returns>Why not; null: it is added, now or before.</returns>
    public async Task<ProblemHttpResult?> TakeAsync(
        Device device, string name, Guid id, Guid userId, CancellationToken ct)
    {
        if (await db.Operations.AnyAsync(o => o.Id == id, ct))
            return null;
        if (Refusal(device) is { } refused)
            return refused;
        await db.TakeTurnAsync(Turns.Snapshots, device.UserId, ct);
        if (await db.Snapshots.CountAsync(
            s => s.UserId == device.UserId && s.Status != SnapshotStatus.Deleting, ct) >= options.MaxSnapshots)
            return Problems.Conflict("too-many-snapshots", $"There are {options.MaxSnapshots} snapshots already.");
        db.Add(new Snapshot
        {
            Id = id, UserId = device.UserId, DeviceId = device.Id, Name = name, CreatedAt = clock.GetUtcNow(),
        });
        Add(OperationAction.Snapshot, device, id, id, userId);
        return null;
    }

    /// <summary>Adds the operation that puts a snapshot's data in place of a phone's, for the caller to save.</summary>
    /// <returns>Why not; null: it is added, now or before.</returns>
    public async Task<ProblemHttpResult?> RestoreAsync(
        Device device, Guid snapshotId, Guid id, Guid userId, CancellationToken ct)
    {
        if (await db.Operations.AnyAsync(o => o.Id == id, ct))
            return null;
        if (!await IsReadyAsync(snapshotId, device.UserId, ct))
            return Problems.NotFound("snapshot");
        if (Refusal(device) is { } refused)
            return refused;
        Add(OperationAction.Restore, device, id, snapshotId, userId);
        return null;
    }

    /// <summary>Adds the operation that gives a new phone its first data, for the caller to save. It has the phone's
    /// id, and begins once the phone has its place.</summary>
    /// <returns>Why not; null: it is added.</returns>
    public async Task<ProblemHttpResult?> CloneAsync(Device device, Guid snapshotId, CancellationToken ct)
    {
        if (!await IsReadyAsync(snapshotId, device.UserId, ct))
            return Problems.NotFound("snapshot");
        Add(OperationAction.Clone, device, device.Id, snapshotId, device.UserId);
        return null;
    }

    /// <summary>One of the user's from which something can be made. Its row is written, so that who wants to remove it
    /// waits, and then sees what uses it.</summary>
    async Task<bool> IsReadyAsync(Guid snapshotId, Guid userId, CancellationToken ct) =>
        await db.Snapshots.Where(s => s.Id == snapshotId && s.UserId == userId && s.Status == SnapshotStatus.Ready)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.Status, SnapshotStatus.Ready), ct) == 1;

    ProblemHttpResult? Refusal(Device device) =>
        !provider.HasSnapshots ? Problems.Conflict("snapshots-off",
                "No snapshots are taken here: phones' data are in a folder that the platform's nodes share.")
        : device.HeldBy is not null ? Busy()
        : device.Status is DeviceStatus.Running or DeviceStatus.Stopped ? null
        : Problems.Of(409, "wrong-state", "The phone has to run, or be stopped.",
            ("deviceStatus", $"{device.Status}".ToLowerInvariant()));

    public static ProblemHttpResult Busy() => Problems.Conflict(
        "busy", "The phone's data are being copied. Try again when that is over.");

    void Add(OperationAction action, Device device, Guid id, Guid snapshotId, Guid userId)
    {
        var (operation, item) = Operation.OfOne(id, action, device.Id, userId, clock.GetUtcNow());
        item.SnapshotId = snapshotId;
        item.DeadlineAt = clock.GetUtcNow() + OperationItem.TurnPatience;
        db.AddRange(operation, item);
    }
}
