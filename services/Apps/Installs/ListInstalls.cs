using CloudPhone.Apps.Catalogue;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;

namespace CloudPhone.Apps.Installs;

/// <param name="VersionCode">Android's order of versions; higher than what is installed.</param>
sealed record UpdateView(Guid VersionId, string Version, long VersionCode);

/// <param name="Update">The newer version that there is for what is on the phone now; null: none.</param>
sealed record InstallView(
    Guid InstallId, Guid DeviceId, Guid AppId, string AppName, string PackageName, string Version, InstallStatus Status,
    bool Preinstall, string? Error, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt, UpdateView? Update)
{
    public static InstallView Of(Install i, AppVersion? update) => new(
        i.Id, i.DeviceId, i.AppId, i.AppName, i.PackageName, i.Version, i.Status, i.IsPreinstall, i.Error, i.CreatedAt,
        i.FinishedAt, update is null ? null : new(update.Id, update.VersionName, update.VersionCode));
}

static class ListInstalls
{
    public static void MapInstallList(this RouteGroupBuilder apps) =>
        apps.MapGet("/installs", ForUsers).WithName("ListInstalls")
        .WithSummary("The caller's installs, newest first, with what there is to update; operators see everybody's.")
        .ProducesProblem(400);

    public static void MapInstallsForServices(this RouteGroupBuilder siblings) =>
        siblings.MapGet("/installs", ForServices);

    static async Task<Page<InstallView>> ForUsers(
        Guid? deviceId, PageRequest page, CurrentUser user, AppDb db, CancellationToken ct)
    {
        var seesAll = user.IsOperator;
        var query = db.Installs.Where(i => i.HiddenAt == null && (seesAll || i.UserId == user.Id));
        if (deviceId is { } id)
            query = query.Where(i => i.DeviceId == id);
        return await ViewsAsync(await query.ToPageAsync(page, ct), db, ct);
    }

    static async Task<Page<InstallView>> ForServices(Guid deviceId, PageRequest page, AppDb db, CancellationToken ct) =>
        await ViewsAsync(await db.Installs.Where(i => i.DeviceId == deviceId && i.HiddenAt == null)
            .ToPageAsync(page, ct), db, ct);

    static async Task<Page<InstallView>> ViewsAsync(Page<Install> page, AppDb db, CancellationToken ct)
    {
        var updates = await db.UpdatesOfAsync(page.Items, ct);
        return page.Select(i => InstallView.Of(i, updates.GetValueOrDefault(i.Id)));
    }
}
