using CloudPhone.Adb;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Hosting;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Installs;

/// <summary>Asks a phone which apps it has, and the app service which of its own those are.</summary>
sealed class AppSurveying(DeviceDb db, AppService apps, AdbPhones phones, TimeProvider clock)
{
    /// <summary>What waits to be done with an app is the last that was asked for, and stays that.</summary>
    static readonly TimeSpan JustBefore = TimeSpan.FromMilliseconds(1);

    /// <exception cref="Shared.Http.SiblingUnavailableException">Try again later. So for the others.</exception>
    /// <exception cref="AdbException">The phone did not answer.</exception>
    public async Task DoAsync(AppSurvey survey, CancellationToken ct)
    {
        var device = await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == survey.DeviceId, ct);
        if (device is not null)
        {
            var packages = await phones.Of(device.Id).PackagesAsync(ct);
            await RecordAsync(device, await apps.FindAsync(survey, device.UserId, packages, ct), ct);
        }
        db.Remove(survey);
    }

    async Task RecordAsync(Device device, IReadOnlyList<FoundApp> found, CancellationToken ct)
    {
        var rows = db.Installs.Where(i => i.DeviceId == device.Id);
        var known = rows.Where(i => i.Status == InstallStatus.Installed || i.Status == InstallStatus.Uninstalled);
        var last = (await known.Where(i => !known.Any(o => o.AppId == i.AppId && o.Id > i.Id)).ToListAsync(ct))
            .ToDictionary(i => i.AppId);
        var waiting = (await rows.Where(i => i.Status == InstallStatus.Pending)
            .Select(i => new { i.AppId, i.CreatedAt }).ToListAsync(ct)).ToLookup(i => i.AppId, i => i.CreatedAt);
        foreach (var gone in last.Values.Where(i => i.Status == InstallStatus.Installed).ExceptBy(
            found.Select(f => f.AppId), i => i.AppId))
            gone.Status = InstallStatus.Uninstalled;
        foreach (var app in found)
            if (last.GetValueOrDefault(app.AppId) is not { Status: InstallStatus.Installed } there
                || there.Version != app.Version)
                db.Add(RowOf(device, app, waiting.Contains(app.AppId)
                    ? waiting[app.AppId].Min() - JustBefore : clock.GetUtcNow()));
    }

    static Install RowOf(Device device, FoundApp app, DateTimeOffset at) => new()
    {
        Id = Guid.CreateVersion7(at), DeviceId = device.Id, UserId = device.UserId, AppId = app.AppId,
        Status = InstallStatus.Installed, AppName = app.Name, PackageName = app.PackageName,
        Version = app.Version, CreatedAt = at, RequestId = RequestId.Current, TraceParent = Cause.TraceParent,
    };
}
