using CloudPhone.Apps.Catalogue;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Installs;

/// <summary>What is on phones now, and what would be newer.</summary>
static class OnPhones
{
    /// <summary>The last install of each app on each phone, as long as the app is there.</summary>
    public static IQueryable<Install> Current(this AppDb db) =>
        db.Installs.Where(i => i.Status == InstallStatus.Installed && !db.Installs.Any(o =>
            o.DeviceId == i.DeviceId && o.PackageName == i.PackageName && o.Status == InstallStatus.Installed
            && (o.FinishedAt > i.FinishedAt || (o.FinishedAt == i.FinishedAt && o.Id > i.Id))));

    /// <returns>The newest approved version for each of those installs that are current and older than it.</returns>
    public static async Task<IReadOnlyDictionary<Guid, AppVersion>> UpdatesOfAsync(
        this AppDb db, IReadOnlyCollection<Install> installs, CancellationToken ct)
    {
        var ids = installs.Where(i => i.Status == InstallStatus.Installed).Select(i => i.Id).ToList();
        if (ids.Count == 0)
            return new Dictionary<Guid, AppVersion>();
        return (await db.Current().Where(i => ids.Contains(i.Id))
            .Join(db.Apps.Live(), i => i.PackageName, a => a.PackageName,
                (i, a) => new { i.Id, i.VersionCode, AppId = a.Id })
            .Join(db.Newest(), i => i.AppId, v => v.AppId, (i, v) => new { i.Id, i.VersionCode, Newest = v })
            .Where(u => u.Newest.VersionCode > u.VersionCode).AsNoTracking().ToListAsync(ct))
            .ToDictionary(u => u.Id, u => u.Newest);
    }

    /// <summary>True where an older version of the app is on that phone.</summary>
    public static Task<bool> IsNewerAsync(
        this AppDb db, AppVersion version, Guid deviceId, string packageName, CancellationToken ct) =>
        db.Current().AnyAsync(i => i.DeviceId == deviceId && i.PackageName == packageName
            && i.VersionCode < version.VersionCode, ct);

    /// <returns>The newer version of the app that is on that phone; null: there is none.</returns>
    public static Task<string?> NewerThanAsync(
        this AppDb db, AppVersion version, Guid deviceId, string packageName, CancellationToken ct) =>
        db.Current().Where(i => i.DeviceId == deviceId && i.PackageName == packageName
            && i.VersionCode > version.VersionCode).Select(i => i.Version).FirstOrDefaultAsync(ct);
}
