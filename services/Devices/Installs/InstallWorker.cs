using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Work;

namespace CloudPhone.Devices.Installs;

/// <summary>Works off the queue of installs; those of phones that don't run wait.</summary>
sealed class InstallWorker(DueWorkerParts parts, ILogger<InstallWorker> log) : DueWorker<DeviceDb, Install>(parts, log)
{
    protected override string What => "install";

    /// <summary>A phone that another replica has brought up wakes nobody here.</summary>
    protected override TimeSpan Sweep => TimeSpan.FromSeconds(5);

    protected override TimeSpan Limit => Installation.Limit + TimeSpan.FromMinutes(2);

    /// <summary>
    /// What a phone has whose data were replaced is found out first. A removal and what else is done with the same app
    /// on the same phone go in the order in which they were asked for, each with its report: so both sides know in the
    /// end what is there.
    /// </summary>
    protected override IQueryable<Install> Ready(DeviceDb db) => db.Installs.Where(i =>
        (i.Status != InstallStatus.Pending
        || (db.Devices.Any(d => d.Id == i.DeviceId && d.Status == DeviceStatus.Running)
            && !db.AppSurveys.Any(s => s.DeviceId == i.DeviceId && s.Attempts < AppSurvey.Patience))
        || !db.Devices.Any(d => d.Id == i.DeviceId))
        && !db.Installs.Any(o => o.DeviceId == i.DeviceId && o.AppId == i.AppId && o.NextAttemptAt != null
            && o.Id < i.Id && (o.Kind == InstallKind.Uninstall || i.Kind == InstallKind.Uninstall)));

    protected override TimeSpan PauseAfter(int attempts) => Installation.PauseAfter(attempts);

    protected override Task<DateTimeOffset?> TryAsync(Install row, IServiceProvider services, CancellationToken ct) =>
        services.GetRequiredService<Installation>().TryAsync(row, ct);
}
