using System.Security.Cryptography;
using System.Text;
using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Sessions;

/// <summary>
/// How attempts are slowed down: for how long the first, second and so on locks after those that are free.
/// </summary>
sealed record Pace(int Free, TimeSpan First, TimeSpan Second, TimeSpan Third, TimeSpan Fourth, TimeSpan Last)
{
    /// <summary>After so many: a minute, and twice as long each time, up to 15 minutes.</summary>
    public static Pace Minutes(int free) => new(
        free, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(8),
        TimeSpan.FromMinutes(15));

    /// <summary>After so many: some seconds, and a minute at most.</summary>
    public static Pace Seconds(int free) => new(
        free, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(45),
        TimeSpan.FromSeconds(60));
}

/// <summary>
/// Counts attempts, in the database, so that they count for all replicas. An attempt is counted before it is looked at,
/// so that many at once are no way around it.
/// </summary>
sealed class AttemptCounter(UsersDb db, TimeProvider clock)
{
    /// <summary>Attempts are forgotten after this time of silence.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>What is counted together.</summary>
    public static string Key(string what) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(what)));

    /// <param name="isExempt">It counts, but waits for no lock.</param>
    /// <returns>The number of this attempt, or for how long there is none.</returns>
    public async Task<(int Attempt, TimeSpan? LockedFor)> TryBeginAsync(
        string key, Pace pace, CancellationToken ct, bool isExempt = false)
    {
        for (; ; )
        {
            var now = clock.GetUtcNow();
            if (await CountAsync(key, pace, isExempt, now, ct) is { } result)
                return result;
            db.Add(new LoginAttempts
            {
                Target = key, Count = 1, LastAt = now, LockedUntil = pace.Free == 0 ? now + pace.First : null,
            });
            try
            {
                await db.SaveChangesAsync(ct);
                return (1, null);
            }
            catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
            {
                db.ChangeTracker.Clear();
            }
        }
    }

    Task<(int, TimeSpan?)?> CountAsync(
        string key, Pace pace, bool isExempt, DateTimeOffset now, CancellationToken ct) =>
        db.InTransactionAsync(async () =>
    {
        var free = pace.Free;
        var (first, second, third, fourth, last) =
            (now + pace.First, now + pace.Second, now + pace.Third, now + pace.Fourth, now + pace.Last);
        var row = db.LoginAttempts.Where(a => a.Target == key);
        var counted = await row.Where(a => isExempt || a.LockedUntil == null || a.LockedUntil <= now)
            .ExecuteUpdateAsync(s => s
            .SetProperty(a => a.Count, a => a.Count + 1).SetProperty(a => a.LastAt, now)
            .SetProperty(a => a.LockedUntil, a =>
                a.Count < free ? null
                : a.Count == free ? first
                : a.Count == free + 1 ? second
                : a.Count == free + 2 ? third
                : a.Count == free + 3 ? fourth : (DateTimeOffset?)last), ct);
        var found = await row.AsNoTracking().SingleOrDefaultAsync(ct);
        // a row that a twin has just added was not counted yet, and locks nobody: try again
        return found is null || (counted == 0 && !(found.LockedUntil > now)) ? default((int, TimeSpan?)?)
            : counted == 1 ? (found.Count, null)
            : (found.Count, found.LockedUntil - now);
    }, ct);

    /// <returns>For how long it is locked; null: it is not.</returns>
    public async Task<TimeSpan?> LockedForAsync(string key, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var until = await db.LoginAttempts.Where(a => a.Target == key && a.LockedUntil > now)
            .Select(a => a.LockedUntil).SingleOrDefaultAsync(ct);
        return until - now;
    }

    /// <summary>
    /// An attempt that was right, and only came too late, counts for nothing. Others that came meanwhile still do, and
    /// what one of them locked stays locked.
    /// </summary>
    public Task TakeBackAsync(string key, Pace pace, int attempt, CancellationToken ct)
    {
        var free = pace.Free;
        return db.InTransactionAsync(() => db.LoginAttempts.Where(a => a.Target == key && a.Count > 0)
            .ExecuteUpdateAsync(s => s.SetProperty(a => a.Count, a => a.Count - 1)
                .SetProperty(a => a.LockedUntil, a =>
                    a.Count == attempt || a.Count - 1 <= free ? null : a.LockedUntil), ct), ct);
    }

    public Task ForgetAsync(CancellationToken ct, params string[] keys) =>
        db.InTransactionAsync(() => db.LoginAttempts.Where(a => keys.Contains(a.Target)).ExecuteDeleteAsync(ct), ct);
}
