using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Installs;

/// <summary>
/// How an install ends. Each is a conditional update: of several that come at once one finds it pending, and only
/// that one is told.
/// Called in a transaction, which its event is part of.
/// </summary>
static class InstallChanges
{
    public const string PhoneDeleted = "The phone was deleted.";

    public static string Clip(string reason) => reason[..Math.Min(reason.Length, Install.MaxError)];

    public static async Task<bool> FailAsync(
        this AppDb db, Install install, string reason, Outbox outbox, DateTimeOffset now, CancellationToken ct)
    {
        if (!await db.EndAsync(install.Id, InstallStatus.Failed, reason, now, ct))
            return false;
        outbox.Add(Failed(install, reason, now));
        return true;
    }

    public static AppInstallFailed Failed(Install i, string reason, DateTimeOffset now) =>
        new(i.Id, i.DeviceId, i.UserId, i.AppId, i.AppName, i.PackageName, reason, now);

    public static async Task<bool> SucceedAsync(
        this AppDb db, Install i, Outbox outbox, DateTimeOffset now, CancellationToken ct)
    {
        if (!await db.EndAsync(i.Id, InstallStatus.Installed, null, now, ct))
            return false;
        var before = await db.Installs.AsNoTracking()
            .Where(o => o.DeviceId == i.DeviceId && o.PackageName == i.PackageName
                && o.Status == InstallStatus.Installed && o.Id != i.Id)
            .OrderByDescending(o => o.FinishedAt).ThenByDescending(o => o.Id).FirstOrDefaultAsync(ct);
        if (before?.VersionCode < i.VersionCode)
            outbox.Add(new AppUpdated(
                i.Id, i.DeviceId, i.UserId, i.AppId, i.AppName, i.PackageName, before.Version, i.Version, now));
        else
            outbox.Add(new AppInstalled(i.Id, i.DeviceId, i.UserId, i.AppId, i.AppName, i.PackageName, i.Version, now));
        return true;
    }

    static async Task<bool> EndAsync(
        this AppDb db, Guid id, InstallStatus status, string? error, DateTimeOffset now, CancellationToken ct) =>
        await db.Installs.Where(i => i.Id == id && i.Status == InstallStatus.Pending).ExecuteUpdateAsync(s => s
            .SetProperty(i => i.Status, status).SetProperty(i => i.Error, error).SetProperty(i => i.FinishedAt, now)
            .SetProperty(i => i.NextAttemptAt, (DateTimeOffset?)null), ct) == 1;

    /// <summary>The phone of these is gone.</summary>
    public static async Task CancelAsync(this IQueryable<Install> installs, DateTimeOffset now, CancellationToken ct)
    {
        await installs.Where(i => i.Status == InstallStatus.Pending).ExecuteUpdateAsync(s => s
            .SetProperty(i => i.Status, InstallStatus.Failed).SetProperty(i => i.Error, PhoneDeleted)
            .SetProperty(i => i.FinishedAt, now).SetProperty(i => i.NextAttemptAt, (DateTimeOffset?)null), ct);
        await installs.Where(i => i.HiddenAt == null).ExecuteUpdateAsync(s => s.SetProperty(i => i.HiddenAt, now), ct);
    }
}
