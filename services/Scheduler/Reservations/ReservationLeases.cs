using CloudPhone.Contracts;
using CloudPhone.Scheduler.Placements;
using CloudPhone.Shared.Messaging;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Reservations;

/// <summary>How a reservation is used, and how it ends. Each in its caller's transaction.</summary>
sealed class ReservationLeases(SchedulerDb db, Outbox outbox, TimeProvider clock)
{
    public Task<Reservation?> FindAsync(Guid id, CancellationToken ct) =>
        db.Reservations.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, ct);

    /// <summary>The phone takes over the room, which stays counted where it is.</summary>
    /// <returns>False: it has run out, was used or cancelled, or its node takes no phones now.</returns>
    public async Task<bool> UseAsync(Reservation r, Guid deviceId, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var takingPhones = db.Nodes.TakingPhones();
        return await db.Reservations.Where(x => x.Id == r.Id && x.State == ReservationState.Ready && x.ReadyUntil > now
                && x.NodeId == r.NodeId && takingPhones.Any(n => n.Id == x.NodeId))
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.State, ReservationState.Used)
                .SetProperty(x => x.DeviceId, deviceId).SetProperty(x => x.DueAt, (DateTimeOffset?)null), ct) == 1;
    }

    /// <summary>The phone came to nothing: the user may try again for as long as the room was to be held.</summary>
    /// <returns>False: that is over, and the room is the caller's to give back.</returns>
    public async Task<bool> TakeBackAsync(Guid id, Guid deviceId, Guid nodeId, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var used = db.Reservations.Where(x => x.Id == id && x.DeviceId == deviceId
            && x.State == ReservationState.Used);
        if (await used.Where(x => x.ReadyUntil > now).ExecuteUpdateAsync(
            s => s.SetProperty(x => x.State, ReservationState.Ready).SetProperty(x => x.DeviceId, (Guid?)null)
                .SetProperty(x => x.NodeId, nodeId).SetProperty(x => x.DueAt, x => x.ReadyUntil), ct) == 1)
            return true;
        if (await used.AsNoTracking().SingleOrDefaultAsync(ct) is { } over)
            await EndAsync(over, ReservationState.Expired, EndReasons.Unused, ct);
        return false;
    }

    /// <summary>Ends it as it was read, with the room that it held.</summary>
    /// <returns>False: it has gone on meanwhile.</returns>
    public async Task<bool> EndAsync(Reservation r, ReservationState to, string reason, CancellationToken ct)
    {
        if (await db.Reservations.Where(x => x.Id == r.Id && x.State == r.State && x.DueAt == r.DueAt
            && x.NodeId == r.NodeId)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.State, to).SetProperty(x => x.EndReason, reason)
                .SetProperty(x => x.QueuedAt, (DateTimeOffset?)null).SetProperty(x => x.SavingNodeId, (Guid?)null)
                .SetProperty(x => x.DueAt, (DateTimeOffset?)null), ct) == 0)
            return false;
        if (r.State == ReservationState.Ready)
            await db.Nodes.GiveBackAsync(r.NodeId!.Value, r.CpuCores, r.MemoryGB, ct);
        if (to == ReservationState.Expired)
            outbox.Add(new SchedulerReservationExpired(r.Id, r.UserId, reason, clock.GetUtcNow()));
        await db.SaveChangesAsync(ct);
        return true;
    }
}
