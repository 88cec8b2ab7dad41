using CloudPhone.Contracts;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Reservations;

static class Suspensions
{
    /// <summary>Whoever may create no phones holds no room from those who may.</summary>
    public static async Task OnSuspended(
        UserSuspended e, SchedulerDb db, ReservationLeases leases, CancellationToken ct)
    {
        foreach (var r in await db.Reservations.AsNoTracking().Where(r => r.UserId == e.UserId && r.DueAt != null)
            .OrderBy(r => r.Id).ToListAsync(ct))
            await leases.EndAsync(r, ReservationState.Cancelled, EndReasons.Suspended, ct);
    }
}
