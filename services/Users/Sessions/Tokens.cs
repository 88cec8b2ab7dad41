using CloudPhone.Users.Accounts;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Sessions;

public sealed record TokenUser(Guid Id, string Username, IReadOnlyList<string> Roles);

/// <param name="ExpiresIn">Seconds for which the access token is good.</param>
public sealed record TokenAnswer(string AccessToken, string RefreshToken, int ExpiresIn, TokenUser User);

/// <summary>Begins sessions, and answers with their tokens.</summary>
sealed class Tokens(UsersDb db, AccessTokens access, TimeProvider clock)
{
    public static readonly TimeSpan Idle = TimeSpan.FromDays(14);
    static readonly TimeSpan Absolute = TimeSpan.FromDays(60);
    const int MaxSessions = 50;

    /// <summary>The longest unused sessions beyond 50 end.</summary>
    /// <param name="seen">The user whose password was right.</param>
    /// <returns>Null: since then it was changed, or the user suspended.</returns>
    public Task<TokenAnswer?> BeginAsync(User seen, Caller caller, CancellationToken ct) =>
        db.InTransactionAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var (id, changedAt) = (seen.Id, seen.PasswordChangedAt);
        // takes the row: what ends all sessions comes before this one begins, or ends it as well
        var isSame = await db.Users
            .Where(u => u.Id == id && u.PasswordChangedAt == changedAt && u.SuspendedAt == null)
            .ExecuteUpdateAsync(s => s.SetProperty(u => u.LastLoginAt, now), ct);
        if (isSame == 0)
            return null;
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == id, ct);
        var kept = db.Sessions.Where(s => s.UserId == user.Id && s.RevokedAt == null)
            .OrderByDescending(s => s.LastUsedAt).Take(MaxSessions - 1).Select(s => s.Id);
        await db.Sessions.Where(s => s.UserId == user.Id && !kept.Contains(s.Id)).EndAsync(now, ct);
        var session = new Session
        {
            Id = Guid.CreateVersion7(now), UserId = user.Id, CreatedAt = now, LastUsedAt = now,
            ExpiresAt = now + Absolute, Agent = caller.Agent, IpAddress = caller.IpAddress,
        };
        db.Add(session);
        var token = RefreshTokenValue.First();
        Add(token, session);
        await db.SaveChangesAsync(ct);
        return Answer(user, session.Id, token);
    }, ct);

    /// <summary>Adds a token to the session, good until one of both ends.</summary>
    public void Add(string token, Session session)
    {
        var idle = clock.GetUtcNow() + Idle;
        db.Add(new RefreshToken
        {
            Hash = RefreshTokenValue.HashOf(token), SessionId = session.Id,
            ExpiresAt = idle < session.ExpiresAt ? idle : session.ExpiresAt,
        });
    }

    public TokenAnswer Answer(User user, Guid sessionId, string refreshToken) =>
        new(access.Create(user, sessionId), refreshToken, (int)AccessTokens.Lifetime.TotalSeconds,
            new(user.Id, user.Username, user.Roles));
}
