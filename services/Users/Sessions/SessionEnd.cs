using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Sessions;

/// <summary>
/// Ends sessions: from then on their refresh tokens are worth nothing, and their access tokens are refused, here at
/// once and everywhere else within 30 s.
/// </summary>
static class SessionEnd
{
    /// <summary>Those of a user that are not over.</summary>
    public static IQueryable<Session> OpenSessionsOf(this UsersDb db, Guid userId, DateTimeOffset now)
    {
        var used = now - Tokens.Idle;
        return db.Sessions.Where(
            s => s.UserId == userId && s.RevokedAt == null && s.ExpiresAt > now && s.LastUsedAt > used);
    }

    /// <summary>Call it in a transaction.</summary>
    /// <returns>How many were not over yet.</returns>
    public static Task<int> EndAsync(this IQueryable<Session> sessions, DateTimeOffset now, CancellationToken ct) =>
        sessions.Where(s => s.RevokedAt == null)
            .ExecuteUpdateAsync(u => u.SetProperty(s => s.RevokedAt, now), ct);
}
