using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Shared.Work;

namespace CloudPhone.Devices.Snapshots;

/// <summary>Copies phones' data: few at once, as disks and networks are what they wait for, and one of each user's, in
/// the order in which they were asked for, so that nobody takes all turns.</summary>
sealed class CopyWorker(DueWorkerParts parts, ILogger<CopyWorker> log) : DueWorker<DeviceDb, OperationItem>(parts, log)
{
    protected override string What => "copy";

    protected override int Hands => 3;

    protected override TimeSpan Limit => OperationItem.CopyPatience;

    /// <summary>A phone that another replica has brought to rest wakes nobody here.</summary>
    protected override TimeSpan Sweep => TimeSpan.FromSeconds(5);

    protected override IQueryable<OperationItem> Ready(DeviceDb db)
    {
        var now = Clock.GetUtcNow();
        var copies = db.OperationItems.Where(i => i.Action == OperationAction.Snapshot
            || i.Action == OperationAction.Restore || i.Action == OperationAction.Clone);
        // it waits for its phone to be at rest, and begun, to be off; a new phone's waits for that to have its place
        var able = copies.Where(i => i.EndedAt != null || i.DeadlineAt <= now
            || (i.Action == OperationAction.Clone
                ? !db.Devices.Any(d => d.Id == i.DeviceId && d.Status == DeviceStatus.Creating
                    && d.Step != CreationStep.Placed)
                : !db.Devices.Any(d => d.Id == i.DeviceId && d.Status != DeviceStatus.Running
                    && d.Status != DeviceStatus.Stopped && d.Status != DeviceStatus.Failed)));
        return able.Where(i => i.Status != OperationItemStatus.Pending
            || (!copies.Any(o => o.UserId == i.UserId && o.Status == OperationItemStatus.Running
                && db.Devices.Any(d => d.HeldBy == o.Id))
                && !able.Any(o => o.UserId == i.UserId && o.Status == OperationItemStatus.Pending && o.Id < i.Id)));
    }

    protected override Task<DateTimeOffset?> TryAsync(
        OperationItem row, IServiceProvider services, CancellationToken ct) =>
        services.GetRequiredService<SnapshotStep>().TryAsync(row, ct);
}
