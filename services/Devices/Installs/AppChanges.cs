using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Installs;

/// <summary>Updates and removals of apps that are on a phone.</summary>
sealed class AppChanges(DeviceDb db, InstallQueue queue, ResourceIds ids, TimeProvider clock)
{
    public Install New(Device device, Guid appId, InstallKind kind)
    {
        var change = InstallRoutes.New(device, appId, ids.New(), clock.GetUtcNow());
        change.Kind = kind;
        return change;
    }

    /// <summary>The last that is known to have happened with the app on that phone, if it is there since.</summary>
    public async Task<Install?> OnPhoneAsync(Install change, CancellationToken ct) =>
        await db.Installs.Where(i => i.DeviceId == change.DeviceId && i.AppId == change.AppId && i.Id != change.Id
            && (i.Status == InstallStatus.Installed || i.Status == InstallStatus.Uninstalled))
            .OrderByDescending(i => i.Id).AsNoTracking().FirstOrDefaultAsync(ct)
            is { Status: InstallStatus.Installed } i ? i : null;

    /// <summary>With an operation that has its id.</summary>
    /// <returns>Why not; null: it is queued, now or before.</returns>
    public Task<ProblemHttpResult?> QueueAsync(
        Install change, Install there, DeviceStatus status, Guid userId, CancellationToken ct)
    {
        (change.AppName, change.PackageName, change.Version) = (there.AppName, there.PackageName, there.Version);
        return queue.AddAsync(change, status, isChecked: change.Kind == InstallKind.Uninstall, Follow, ct);

        void Follow()
        {
            var (operation, item) = Operation.OfOne(change.Id,
                change.Kind == InstallKind.Uninstall ? OperationAction.Uninstall : OperationAction.Install,
                change.DeviceId, userId, change.CreatedAt);
            item.AppId = change.AppId;
            item.Begin(change.CreatedAt);
            db.AddRange(operation, item);
        }
    }
}
