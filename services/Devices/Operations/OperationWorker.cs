using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Installs;
using CloudPhone.Shared.Work;

namespace CloudPhone.Devices.Operations;

/// <summary>Begins what operations want of phones, several at a time, and looks how it went once a phone is at rest
/// again.</summary>
sealed class OperationWorker(DueWorkerParts parts, ILogger<OperationWorker> log)
    : DueWorker<DeviceDb, OperationItem>(parts, log)
{
    protected override string What => "operation";

    protected override int Hands => 8;

    /// <summary>A phone that another replica has brought to rest wakes nobody here.</summary>
    protected override TimeSpan Sweep => TimeSpan.FromSeconds(5);

    protected override IQueryable<OperationItem> Ready(DeviceDb db)
    {
        var now = Clock.GetUtcNow();
        return db.OperationItems.Where(i => i.Action != OperationAction.Snapshot
            && i.Action != OperationAction.Restore && i.Action != OperationAction.Clone
            && (i.Status == OperationItemStatus.Pending || i.DeadlineAt <= now
            || (i.Action == OperationAction.Install || i.Action == OperationAction.Uninstall
                ? !db.Installs.Any(x => x.Id == i.Id && x.Status == InstallStatus.Pending)
                : !db.Devices.Any(d => d.Id == i.DeviceId && d.Status != DeviceStatus.Running
                    && d.Status != DeviceStatus.Stopped && d.Status != DeviceStatus.Failed))));
    }

    protected override Task<DateTimeOffset?> TryAsync(
        OperationItem row, IServiceProvider services, CancellationToken ct) =>
        services.GetRequiredService<OperationStep>().TryAsync(row, ct);
}
