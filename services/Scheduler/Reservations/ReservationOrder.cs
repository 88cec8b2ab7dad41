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

    /// <summary>The first of the queue, in order.</summary>
    public static async Task<List<Reservation>> FirstInQueueAsync(this SchedulerDb db, int count, CancellationToken ct)
    {
        var places = await db.Database.SqlQueryRaw<QueuePlace>(InTurns).Where(p => p.Position <= count)
            .ToDictionaryAsync(p => p.Id, p => p.Position, ct);
        var ids = places.Keys.ToList();
        return [.. (await db.Reservations.AsNoTracking().Where(r => ids.Contains(r.Id)).ToListAsync(ct))
            .OrderBy(r => places[r.Id])];
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
