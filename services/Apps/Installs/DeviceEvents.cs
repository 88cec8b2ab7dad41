using CloudPhone.Apps.Catalogue;
using CloudPhone.Contracts;
using CloudPhone.Shared.Hosting;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Installs;

static class DeviceEvents
{
    /// <summary>Writes down what the new phone comes with; the worker asks the device service for it.</summary>
    public static async Task OnDeviceCreated(
        DeviceCreated e, AppDb db, TimeProvider clock, CancellationToken ct)
    {
        if (await db.DeletedDevices.AnyAsync(d => d.DeviceId == e.DeviceId, ct))
            return;
        var wanted = await db.Apps.Live().Where(a => a.IsPreinstall
                && !db.Installs.Any(i => i.DeviceId == e.DeviceId && i.AppId == a.Id && i.IsPreinstall))
            .Join(db.Newest(), a => a.Id, v => v.AppId, (App, Newest) => new { App, Newest }).AsNoTracking()
            .ToListAsync(ct);
        var now = clock.GetUtcNow();
        foreach (var w in wanted)
            db.Add(new Install
            {
                Id = Guid.CreateVersion7(now), DeviceId = e.DeviceId, UserId = e.UserId, AppId = w.App.Id,
                AppName = w.App.Name,
                PackageName = w.App.PackageName, Version = w.Newest.VersionName, VersionCode = w.Newest.VersionCode,
                Status = InstallStatus.Pending, IsPreinstall = true, CreatedAt = now, NextAttemptAt = now,
                RequestId = RequestId.Current,
                TraceParent = Cause.TraceParent,
            });
    }

    /// <summary>
    /// Ends what still waits, and hides the phone's installs. Its owner deleted it: that is told as no failure.
    /// </summary>
    public static async Task OnDeviceDeleted(DeviceDeleted e, AppDb db, TimeProvider clock, CancellationToken ct)
    {
        if (!await db.DeletedDevices.AnyAsync(d => d.DeviceId == e.DeviceId, ct))
            db.Add(new DeletedDevice { DeviceId = e.DeviceId, DeletedAt = clock.GetUtcNow() });
        await db.Installs.Where(i => i.DeviceId == e.DeviceId).CancelAsync(clock.GetUtcNow(), ct);
    }
}
