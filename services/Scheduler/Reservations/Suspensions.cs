using CloudPhone.Contracts;
using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Reservations;

/// <summary>Whoever may create no phones holds no room from those who may.</summary>
static class Suspensions
{
    public static async Task OnSuspended(
        UserSuspended e, SchedulerDb db, ReservationLeases leases, CancellationToken ct)
    {
        // whoever makes a reservation, or gets one back, comes before this or sees it
        await db.TakeTurnAsync(Turns.Reservations, e.UserId, ct);
        if (!await TakeAsync(e.UserId, true, e.Version, db, ct))
            return;
        await db.TakeTurnAsync(Turns.Reservations, 0, ct); // none of them gets room now
        while (await db.Reservations.AsNoTracking().Where(r => r.UserId == e.UserId && r.DueAt != null)
            .OrderBy(r => r.Id).FirstOrDefaultAsync(ct) is { } live)
            await leases.EndAsync(live, ReservationState.Cancelled, EndReasons.Suspended, ct);
    }

    public static Task OnReinstated(UserReinstated e, SchedulerDb db, CancellationToken ct) =>
        TakeAsync(e.UserId, false, e.Version, db, ct);

    public static Task<bool> IsSuspendedAsync(this SchedulerDb db, Guid userId, CancellationToken ct) =>
        db.Suspensions.AnyAsync(s => s.UserId == userId && s.IsSuspended, ct);

    /// <returns>False: something later was here before.</returns>
    static async Task<bool> TakeAsync(
        Guid userId, bool isSuspended, long version, SchedulerDb db, CancellationToken ct)
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
