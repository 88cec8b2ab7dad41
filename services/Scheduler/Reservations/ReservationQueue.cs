using CloudPhone.Contracts;
using CloudPhone.Scheduler.Placements;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Messaging;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Reservations;

/// <summary>
/// Hands room to those who wait for it, in their order. Each call runs in its caller's transaction, and they take
/// turns. What fits nowhere is passed over, so that it does not block others; but for the first such one that some node
/// could hold, that node's room is saved: nobody else gets any of it until there is enough. So no one waits for ever
/// behind smaller ones, and of all nodes one at most is held back.
/// </summary>
sealed partial class ReservationQueue(
    SchedulerDb db, ReservationLeases leases, SchedulerOptions options, Outbox outbox, TimeProvider clock,
    ILogger<ReservationQueue> log)
{
    /// <summary>In one transaction.</summary>
    public const int AtOnce = 50;

    /// <param name="HasMore">There is room for more of them.</param>
    /// <param name="SavedNodeId">The node whose room is saved.</param>
    public sealed record Result(bool HasMore, Guid? SavedNodeId);

    /// <summary>Before a phone without a reservation is placed: it must not take what somebody waits for.</summary>
    /// <returns>Where it may be placed; null: nowhere, as others are still to be served.</returns>
    public async Task<RoomRequest?> BesideAsync(RoomRequest room, CancellationToken ct)
    {
        if (!await db.Reservations.AnyAsync(r => r.QueuedAt != null, ct))
            return room;
        var queue = await HandOverAsync(ct);
        return queue.HasMore ? null : room.Avoiding(queue.SavedNodeId);
    }

    public async Task<Result> HandOverAsync(CancellationToken ct)
    {
        await db.TakeTurnAsync(Turns.Reservations, 0, ct);
        var isAllBack = await leases.BringBackAsync(AtOnce, ct);
        var tooLarge = new List<RoomRequest>(); // none of them as large as another
        Guid? saved = null;
        var given = 0;
        while (true)
        {
            var next = await db.FirstInQueueAsync(options.QueueDepth, tooLarge, clock.GetUtcNow(), ct);
            foreach (var r in next)
            {
                var room = new RoomRequest(r.CpuCores, r.MemoryGB).Avoiding(saved);
                if (tooLarge.Any(room.IsNoSmallerThan))
                    continue;
                if (given == AtOnce && await db.Nodes.For(room, options.Strategy).AnyAsync(ct))
                    return After(true, saved);
                if (given < AtOnce && await db.TakeSomewhereAsync(room, options.Strategy, ct) is { } node)
                {
                    if (await GiveAsync(r, node, ct))
                        given++;
                    else
                        await db.Nodes.GiveBackAsync(node, r.CpuCores, r.MemoryGB, ct); // it has gone on meanwhile
                    continue;
                }
                tooLarge.RemoveAll(t => t.IsNoSmallerThan(room));
                tooLarge.Add(room);
                saved ??= await SaveForAsync(r, room, ct);
            }
            if (next.Count < options.QueueDepth)
                return After(!isAllBack, saved);
        }
    }

    Result After(bool hasMore, Guid? saved)
    {
        if (hasMore)
            db.WakeAfterCommit<PlacementChange>();
        return new(hasMore, saved);
    }

    async Task<bool> GiveAsync(Reservation r, Guid node, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        DateTimeOffset? until = now + options.ReservationHold;
        if (await db.Reservations.Where(x => x.Id == r.Id && x.State == ReservationState.Waiting && x.DueAt > now)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.State, ReservationState.Ready)
                .SetProperty(x => x.NodeId, node).SetProperty(x => x.ReadyUntil, until).SetProperty(x => x.DueAt, until)
                .SetProperty(x => x.QueuedAt, (DateTimeOffset?)null).SetProperty(x => x.SavingNodeId, (Guid?)null), ct)
            == 0)
            return false;
        // what else the user waits for goes behind those who have waited meanwhile
        await db.Reservations.Where(x => x.UserId == r.UserId && x.QueuedAt != null)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.QueuedAt, (DateTimeOffset?)now), ct);
        outbox.Add(new SchedulerReservationStarted(r.Id, r.UserId, r.CpuCores, r.MemoryGB, now, until.Value));
        await db.SaveChangesAsync(ct);
        db.AfterCommit(() => Given(log, r.Id, r.UserId, node));
        return true;
    }

    /// <summary>Stays with the node that it was, as long as that could hold it: else nothing would come together
    /// anywhere. The last node that takes phones is saved for all who wait together no longer than it is for all others
    /// after that: else one large reservation after the other would leave nothing to those.</summary>
    async Task<Guid?> SaveForAsync(Reservation r, RoomRequest room, CancellationToken ct)
    {
        if (await db.Nodes.ThatCouldHold(room).OrderByDescending(n => n.Id == r.SavingNodeId)
            .ThenBy(NodeRoom.Share).ThenBy(n => n.Id).Select(n => new { n.Id, n.SavedFrom })
            .FirstOrDefaultAsync(ct) is not { } node)
            return null;
        var now = clock.GetUtcNow();
        if (node.SavedFrom is null || now - node.SavedFrom >= 2 * options.SavingLimit)
            await db.Nodes.Where(n => n.Id == node.Id).ExecuteUpdateAsync(
                s => s.SetProperty(n => n.SavedFrom, now), ct);
        else if (now - node.SavedFrom >= options.SavingLimit
            && !await db.Nodes.TakingPhones().AnyAsync(n => n.Id != node.Id, ct))
            return null;
        if (node.Id != r.SavingNodeId)
            await db.Reservations.Where(x => x.Id == r.Id && x.QueuedAt != null).ExecuteUpdateAsync(
                s => s.SetProperty(x => x.SavingNodeId, node.Id), ct);
        return node.Id;
    }

    [LoggerMessage(1, LogLevel.Information, "Reservation {Reservation} of user {User} has room on node {Node}")]
    static partial void Given(ILogger log, Guid reservation, Guid user, Guid node);
}
