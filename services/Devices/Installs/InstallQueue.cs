using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Installs;

/// <summary>Takes up installs, each once by its id.</summary>
sealed class InstallQueue(DeviceDb db, AppService apps)
{
    const int MaxPending = 100;

    /// <param name="install">Of a phone that the caller may see.</param>
    /// <param name="isChecked">The app service has started it itself.</param>
    /// <param name="beside">What else is changed in the same save; null: nothing.</param>
    /// <returns>Why not; null: it is queued, now or before.</returns>
    public async Task<ProblemHttpResult?> AddAsync(
        Install install, DeviceStatus status, bool isChecked, Action? beside, CancellationToken ct)
    {
        if (await FindAsync(install, ct) is { } known)
            return OtherThan(known, install);
        if (status is DeviceStatus.Deleting or DeviceStatus.Failed)
            return Problems.Conflict("wrong-state", "Nothing can be installed on this phone any more.");
        if (await db.Installs.CountAsync(
            i => i.DeviceId == install.DeviceId && i.Status == InstallStatus.Pending, ct) >= MaxPending)
            return Problems.Conflict("too-many-installs", $"{MaxPending} apps wait for this phone already.");
        // what the app service starts itself it has checked; while it can't be asked the install waits, and may fail
        if (!isChecked && await apps.CheckAsync(install, ct) is { Outcome: not "available" } refused)
            return refused.Outcome switch
            {
                "unknown-app" => Problems.NotFound("app"),
                "not-newer" => Problems.Conflict(
                    "up-to-date",
                    $"There is no newer version than what the phone has; the newest is {refused.Newest}."),
                "older" => Problems.Conflict("newer-installed",
                    $"The phone has {refused.OnPhone}, newer than {refused.Newest}. Remove it first."),
                _ => Problems.Conflict("app-not-available", "This app can't be installed any more."),
            };
        db.Add(install);
        beside?.Invoke();
        try
        {
            await db.SaveChangesAsync(ct);
            return null;
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
        {
            db.ChangeTracker.Clear();
            return OtherThan((await FindAsync(install, ct))!, install);
        }
    }

    Task<Install?> FindAsync(Install install, CancellationToken ct) =>
        db.Installs.AsNoTracking().SingleOrDefaultAsync(i => i.Id == install.Id, ct);

    static ProblemHttpResult? OtherThan(Install known, Install asked) =>
        known.DeviceId == asked.DeviceId && known.AppId == asked.AppId ? null
            : Problems.Conflict("install-id-used", "This installId was used for something else.");
}
