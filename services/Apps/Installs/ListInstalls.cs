using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;

namespace CloudPhone.Apps.Installs;

sealed record InstallView(
    Guid InstallId, Guid DeviceId, Guid AppId, string AppName, string PackageName, string Version, InstallStatus Status,
    bool Preinstall, string? Error, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt)
{
    public static InstallView Of(Install i) => new(
        i.Id, i.DeviceId, i.AppId, i.AppName, i.PackageName, i.Version, i.Status, i.IsPreinstall, i.Error, i.CreatedAt,
        i.FinishedAt);
}

static class ListInstalls
{
    public static void MapInstallList(this RouteGroupBuilder apps) =>
        apps.MapGet("/installs", ForUsers).WithName("ListInstalls")
        .WithSummary("The caller's installs, newest first; operators see everybody's.").ProducesProblem(400);

    public static void MapInstallsForServices(this RouteGroupBuilder siblings) =>
        siblings.MapGet("/installs", ForServices);

    static async Task<Page<InstallView>> ForUsers(
        Guid? deviceId, PageRequest page, CurrentUser user, AppDb db, CancellationToken ct)
    {
        var seesAll = user.IsOperator;
        var query = db.Installs.Where(i => i.HiddenAt == null && (seesAll || i.UserId == user.Id));
        if (deviceId is { } id)
            query = query.Where(i => i.DeviceId == id);
        return (await query.ToPageAsync(page, ct)).Select(InstallView.Of);
    }

    static async Task<Page<InstallView>> ForServices(Guid deviceId, PageRequest page, AppDb db, CancellationToken ct) =>
        (await db.Installs.Where(i => i.DeviceId == deviceId && i.HiddenAt == null).ToPageAsync(page, ct))
            .Select(InstallView.Of);
}
