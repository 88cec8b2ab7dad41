using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Installs;

/// <param name="UninstallId">Of the device service; for the log of who looks for it.</param>
sealed record RemovedRequest(Guid UninstallId, Guid DeviceId, string PackageName);

/// <summary>
/// The device service tells that an app is off a phone. It tells that before anything that it does with the app on that
/// phone later, and once under one key: so what is installed now is what was removed.
/// </summary>
static class UninstallResult
{
    public static void MapUninstallResult(this RouteGroupBuilder siblings) =>
        siblings.MapPost("/installs/uninstalled", Handle);

    static async Task<Ok<ResultAnswer>> Handle(RemovedRequest request, AppDb db, CancellationToken ct)
    {
        await db.InTransactionAsync(() => db.Installs.Where(i => i.DeviceId == request.DeviceId
            && i.PackageName == request.PackageName && i.Status == InstallStatus.Installed)
            .ExecuteUpdateAsync(s => s.SetProperty(i => i.Status, InstallStatus.Uninstalled), ct), ct);
        return TypedResults.Ok(new ResultAnswer("recorded"));
    }
}
