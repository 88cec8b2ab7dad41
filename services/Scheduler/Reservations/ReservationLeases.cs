using CloudPhone.Contracts;
using CloudPhone.Scheduler.Placements;
using CloudPhone.Shared.Data;
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
    /// <returns>False: that is over or there was no reservation, and the room is the caller's to give back.</returns>
    public async Task<bool> TakeBackAsync(Placement p, CancellationToken ct)
    {
        if (p is not { State: PlacementState.Reserved, ReservationId: { } id, NodeId: { } nodeId })
            return false;
        await db.TakeTurnAsync(Turns.Reservations, p.UserId, ct);
        var now = clock.GetUtcNow();
        var isSuspended = await db.IsSuspendedAsync(p.UserId, ct);
        var used = db.Reservations.Where(x => x.Id == id && x.DeviceId == p.DeviceId
            && x.State == ReservationState.Used);
        if (!isSuspended && await used.Where(x => x.ReadyUntil > now).ExecuteUpdateAsync(
            s => s.SetProperty(x => x.State, ReservationState.Ready).SetProperty(x => x.DeviceId, (Guid?)null)
                .SetProperty(x => x.NodeId, nodeId).SetProperty(x => x.DueAt, x => x.ReadyUntil), ct) == 1)
            return true;
        if (await used.AsNoTracking().SingleOrDefaultAsync(ct) is { } over)
            await (isSuspended ? EndAsync(over, ReservationState.Cancelled, EndReasons.Suspended, ct)
                : EndAsync(over, ReservationState.Expired, EndReasons.Unused, ct));
        return false;
    }

    /// <summary>The phone that had it is there after all, and is counted by itself.</summary>
    public async Task UseLateAsync(Guid id, Guid deviceId, CancellationToken ct)
    {
        if (await FindAsync(id, ct) is { State: ReservationState.Ready, NodeId: { } node } r
            && await db.Reservations.Where(x => x.Id == id && x.State == ReservationState.Ready && x.NodeId == node)
                .ExecuteUpdateAsync(s => s.SetProperty(x => x.State, ReservationState.Used)
                    .SetProperty(x => x.DeviceId, deviceId).SetProperty(x => x.DueAt, (DateTimeOffset?)null), ct) == 1)
            await db.Nodes.GiveBackAsync(node, r.CpuCores, r.MemoryGB, ct);
    }

    /// <summary>Ends it as it was read, with the room that it held.</summary>
    /// <returns>False: it has gone on meanwhile.</returns>
    public async Task<bool> EndAsync(Reservation r, ReservationState to, string reason, CancellationToken ct)
    {
        if (await db.Reservations.Where(x => x.Id == r.Id && x.State == r.State && x.DueAt == r.DueAt
            && x.NodeId == r.NodeId)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.State, to).SetProperty(x => x.EndReason, reason)
                .SetProperty(x => x.QueuedAt, (DateTimeOffset?)null).SetProperty(x => x.SavingNodeId, (Guid?)null)
                .SetProperty(x => x.DeviceId, (Guid?)null).SetProperty(x => x.DueAt, (DateTimeOffset?)null), ct) == 0)
            return false;
        db.WakeAfterCommit<PlacementChange>(); // its room, and what was saved for it, is for others
        if (r.State == ReservationState.Ready)
            await db.Nodes.GiveBackAsync(r.NodeId!.Value, r.CpuCores, r.MemoryGB, ct);
        if (reason == EndReasons.RoomLost)
            await db.Reservations.Where(x => x.Id == r.Id).ExecuteUpdateAsync(
                s => s.SetProperty(x => x.RoomLostAt, clock.GetUtcNow()), ct);
        if (to == ReservationState.Expired)
            outbox.Add(new SchedulerReservationExpired(r.Id, r.UserId, reason, clock.GetUtcNow()));
        await db.SaveChangesAsync(ct);
        return true;
    }

    /// <summary>Room on a node that takes no phones any more is of no use: who has it waits again, at the head, for as
    /// long as was asked for and no longer. Where that is over it ends.</summary>
    /// <returns>False: there may be more of them than that.</returns>
    public async Task<bool> BringBackAsync(int atOnce, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var takingPhones = db.Nodes.TakingPhones();
        var stranded = await db.Reservations.AsNoTracking().Where(r => r.DueAt != null && r.ReadyUntil > now
                && r.State == ReservationState.Ready && !takingPhones.Any(n => n.Id == r.NodeId))
            .OrderBy(r => r.Id).Take(atOnce).ToListAsync(ct);
        foreach (var r in stranded)
        {
            if (r.EndsAt <= now)
                await EndAsync(r, ReservationState.Expired, EndReasons.RoomLost, ct);
            else if (await db.Reservations.Where(
                    x => x.Id == r.Id && x.State == ReservationState.Ready && x.NodeId == r.NodeId)
                .ExecuteUpdateAsync(s => s.SetProperty(x => x.State, ReservationState.Waiting)
                    .SetProperty(x => x.QueuedAt, (DateTimeOffset?)r.StartAt)
                    .SetProperty(x => x.DueAt, (DateTimeOffset?)r.EndsAt).SetProperty(x => x.NodeId, (Guid?)null)
                    .SetProperty(x => x.RoomLostAt, now).SetProperty(x => x.ReadyUntil, (DateTimeOffset?)null), ct)
                == 1)
                await db.Nodes.GiveBackAsync(r.NodeId!.Value, r.CpuCores, r.MemoryGB, ct);
        }
        return stranded.Count < atOnce;
    }
}
