using CloudPhone.Devices.Api;
using CloudPhone.Devices.Operations;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Installs;

/// <summary>What users do with an app that is on a phone.</summary>
static class AppChangeRoutes
{
    public static void MapAppChanges(this RouteGroupBuilder devices)
    {
        devices.MapPost("/{id:guid}/apps/{appId:guid}/update", Update).WithName("UpdateApp")
            .WithSummary("Queues the newest version of an app that is on the phone; 409 where it has that already.")
            .ProducesProblem(404).ProducesProblem(409);
        devices.MapDelete("/{id:guid}/apps/{appId:guid}", Uninstall).WithName("UninstallApp")
            .WithSummary("Queues the removal of an app that is on the phone, or takes back an install that waits.")
            .ProducesProblem(404).ProducesProblem(409);
    }

    static Task<Results<Accepted<InstallAnswer>, ProblemHttpResult>> Update(
        Guid id, Guid appId, CurrentUser user, DeviceDb db, InstallQueue queue, InstallCancel cancel, ResourceIds ids,
        TimeProvider clock, CancellationToken ct) =>
        QueueAsync(InstallKind.Update, id, appId, user, db, queue, cancel, ids, clock, ct);

    static Task<Results<Accepted<InstallAnswer>, ProblemHttpResult>> Uninstall(
        Guid id, Guid appId, CurrentUser user, DeviceDb db, InstallQueue queue, InstallCancel cancel, ResourceIds ids,
        TimeProvider clock, CancellationToken ct) =>
        QueueAsync(InstallKind.Uninstall, id, appId, user, db, queue, cancel, ids, clock, ct);

    static async Task<Results<Accepted<InstallAnswer>, ProblemHttpResult>> QueueAsync(
        InstallKind kind, Guid id, Guid appId, CurrentUser user, DeviceDb db, InstallQueue queue, InstallCancel cancel,
        ResourceIds ids, TimeProvider clock, CancellationToken ct)
    {
        var device = await db.Devices.VisibleTo(user).AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct);
        if (device is null)
            return Problems.NotFound("device");
        var (now, rowId) = (clock.GetUtcNow(), ids.New());
        var install = InstallRoutes.New(device, appId, rowId, now);
        install.Kind = kind;
        if (await OnPhoneAsync(db, id, appId, rowId, ct) is not { } there)
            return kind == InstallKind.Update ? Problems.Conflict("not-installed", "This app is not on this phone.")
                : await cancel.CancelAsync(install, user.Id, ct) is { } refused ? refused : Accepted();
        (install.AppName, install.PackageName, install.Version) =
            (there.AppName, there.PackageName, there.Version);
        var isChecked = kind == InstallKind.Uninstall;
        if (await queue.AddAsync(install, device.Status, isChecked, Follow, ct) is { } why)
            return why;
        return Accepted();

        Accepted<InstallAnswer> Accepted() =>
            TypedResults.Accepted($"/api/devices/{id}/apps", new InstallAnswer(install.Id, install.Id));

        void Follow()
        {
            var (operation, item) = Operation.OfOne(install.Id,
                kind == InstallKind.Uninstall ? OperationAction.Uninstall : OperationAction.Install, id, user.Id, now);
            item.AppId = install.AppId;
            item.Begin(now);
            db.AddRange(operation, item);
        }
    }

    /// <summary>The last that is known to have happened with the app on that phone, if it is there since.</summary>
    static async Task<Install?> OnPhoneAsync(DeviceDb db, Guid id, Guid appId, Guid but, CancellationToken ct) =>
        await db.Installs.Where(i => i.DeviceId == id && i.AppId == appId && i.Id != but
            && (i.Status == InstallStatus.Installed || i.Status == InstallStatus.Uninstalled))
            .OrderByDescending(i => i.Id).AsNoTracking().FirstOrDefaultAsync(ct)
            is { Status: InstallStatus.Installed } i ? i : null;
}
