using System.Security.Cryptography;
using System.Text;
using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Sessions;

/// <summary>
/// Slows guessing down: the fifth failure in a row locks for a minute, each further one for twice as long, up to 15
/// minutes, never for good. An attempt is counted before the password is looked at, so that many at once are no way
/// around it; success forgets them all.
/// </summary>
sealed class LoginLimiter(UsersDb db, TimeProvider clock)
{
    const int FreeAttempts = 4;
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>Attempts are forgotten after this time of silence.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    public static string TargetOf(Guid? userId, string name) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(userId is { } id ? $"user {id}" : $"name {name}")));

    /// <returns>The number of this attempt, or for how long there is none.</returns>
    public async Task<(int Attempt, TimeSpan? LockedFor)> TryBeginAsync(string target, CancellationToken ct)
    {
        for (; ; )
        {
            var now = clock.GetUtcNow();
            if (await CountAsync(target, now, ct) is { } result)
                return result;
            db.Add(new LoginAttempts { Target = target, Count = 1, LastAt = now });
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

    Task<(int, TimeSpan?)?> CountAsync(string target, DateTimeOffset now, CancellationToken ct) =>
        db.InTransactionAsync(async () =>
    {
        var (m1, m2, m4, m8, m15) =
            (now + Minute, now + 2 * Minute, now + 4 * Minute, now + 8 * Minute, now + 15 * Minute);
        var row = db.LoginAttempts.Where(a => a.Target == target);
        var counted = await row.Where(a => a.LockedUntil == null || a.LockedUntil <= now).ExecuteUpdateAsync(s => s
            .SetProperty(a => a.Count, a => a.Count + 1).SetProperty(a => a.LastAt, now)
            .SetProperty(a => a.LockedUntil, a =>
                a.Count < FreeAttempts ? null
                : a.Count == FreeAttempts ? m1
                : a.Count == FreeAttempts + 1 ? m2
                : a.Count == FreeAttempts + 2 ? m4
                : a.Count == FreeAttempts + 3 ? m8 : (DateTimeOffset?)m15), ct);
        var found = await row.AsNoTracking().SingleOrDefaultAsync(ct);
        // a row that a twin has just added was not counted yet, and locks nobody: try again
        return found is null || (counted == 0 && !(found.LockedUntil > now)) ? default((int, TimeSpan?)?)
            : counted == 1 ? (found.Count, null)
            : (found.Count, found.LockedUntil - now);
    }, ct);

    public Task ForgetAsync(string target, CancellationToken ct) =>
        db.InTransactionAsync(() => db.LoginAttempts.Where(a => a.Target == target).ExecuteDeleteAsync(ct), ct);
}
