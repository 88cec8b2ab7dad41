using CloudPhone.Scheduler.Placements;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Reservations;

/// <param name="Position">1: the first.</param>
sealed record QueuePlace(Guid Id, int Position);

/// <summary>
/// The order of the queue: users take turns. Each user's longest-waiting reservation comes before anybody's second;
/// among those whoever has waited longest, since joining or since getting something, is first. So many reservations of
/// one user delay another's by one at most.
/// </summary>
static class ReservationOrder
{
    // the same for both databases
    const string InTurns = """
        SELECT id, CAST(ROW_NUMBER() OVER (ORDER BY turn, queued_at, created_at, id) AS integer) AS position
        FROM (SELECT id, queued_at, created_at,
                  ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY queued_at, created_at, id) AS turn
              FROM reservations WHERE queued_at IS NOT NULL) AS waiting
        """;

    /// <summary>The first of the queue, in order, of those whose time is not over.</summary>
    /// <param name="tooLarge">What is as large as one of these is passed over.</param>
    public static Task<List<Reservation>> FirstInQueueAsync(
        this SchedulerDb db, int count, IEnumerable<RoomRequest> tooLarge, DateTimeOffset now, CancellationToken ct)
    {
        var waiting = db.Reservations.AsNoTracking().Where(r => r.DueAt > now);
        foreach (var (cores, memory) in tooLarge.Select(t => (t.CpuCores, t.MemoryGB)))
            waiting = waiting.Where(r => r.CpuCores < cores || r.MemoryGB < memory);
        return db.Database.SqlQueryRaw<QueuePlace>(InTurns).Join(waiting, p => p.Id, r => r.Id, (p, r) => new { p, r })
            .OrderBy(x => x.p.Position).Take(count).Select(x => x.r).ToListAsync(ct);
    }

    /// <summary>The places of those among them that are in the queue.</summary>
    public static async Task<IReadOnlyDictionary<Guid, int>> PlacesAsync(
        this SchedulerDb db, IEnumerable<Reservation> reservations, CancellationToken ct)
    {
        var ids = reservations.Where(r => r.QueuedAt is not null).Select(r => r.Id).ToList();
        return ids.Count == 0 ? new Dictionary<Guid, int>()
            : await db.Database.SqlQueryRaw<QueuePlace>(InTurns).Where(p => ids.Contains(p.Id))
                .ToDictionaryAsync(p => p.Id, p => p.Position, ct);
    }
}
