using CloudPhone.Contracts;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Supervision;
using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Suspensions;

/// <summary>A suspended user's phones stop, and none is created or started until the user is back.</summary>
static class SuspensionEvents
{
    public static async Task OnSuspended(
        UserSuspended e, DeviceDb db, Commands commands, ResumeQueue queue, HttpContext http, CancellationToken ct)
    {
        if (await TakeAsync(e.UserId, true, e.Version, db, ct))
            await StopAll.Of(e.UserId, StopReasons.Suspended, db, commands, queue, http, ct);
    }

    /// <summary>What was stopped stays so; the user starts what is still wanted.</summary>
    public static async Task OnReinstated(UserReinstated e, DeviceDb db, CancellationToken ct)
    {
        if (await TakeAsync(e.UserId, false, e.Version, db, ct))
            await db.Devices.Where(d => d.UserId == e.UserId && d.StopAfterBoot == StopReasons.Suspended)
                .ExecuteUpdateAsync(s => s.SetProperty(d => d.StopAfterBoot, (string?)null), ct);
    }

    /// <returns>False: something later was here before.</returns>
    static async Task<bool> TakeAsync(
        Guid userId, bool isSuspended, long version, DeviceDb db, CancellationToken ct)
    {
        var row = db.Suspensions.Where(s => s.UserId == userId);
        while (await row.Where(r => r.UserVersion < version).ExecuteUpdateAsync(s => s
            .SetProperty(r => r.IsSuspended, isSuspended).SetProperty(r => r.UserVersion, version), ct) == 0)
        {
            if (await row.AnyAsync(ct))
                return false;
            var first = db.Add(new Suspension { UserId = userId, IsSuspended = isSuspended, UserVersion = version });
            try
            {
                await db.SaveChangesAsync(ct);
                return true;
            }
            catch (DbUpdateException x) when (DatabaseErrors.IsDuplicate(x))
            {
                first.State = EntityState.Detached; // another event was faster: look whether it was a later one
            }
        }
        return true;
    }
}
