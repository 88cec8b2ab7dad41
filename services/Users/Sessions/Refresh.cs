using CloudPhone.Shared.Http;
using CloudPhone.Users.Audits;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Sessions;

public sealed record RefreshRequest(string RefreshToken);

/// <summary>
/// Gives new tokens for a refresh token, which is then used up. Who shows a used one has stolen it, or was stolen from:
/// the whole session ends. Only the same client may repeat itself shortly after, because its first answer may have been
/// lost.
/// </summary>
sealed partial class Refresh(
    UsersDb db, Tokens tokens, RefreshTokenValue values, Audit audit, TimeProvider clock, ILogger<Refresh> log)
{
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    public static async Task<Results<Ok<TokenAnswer>, ProblemHttpResult>> Handle(
        RefreshRequest request, Caller caller, Refresh refresh, CancellationToken ct) =>
        await refresh.RunAsync(request.RefreshToken, caller, ct) is { } answer
            ? TypedResults.Ok(answer)
            : Problems.Of(401, "invalid-refresh-token", "This session is over; log in again.");

    Task<TokenAnswer?> RunAsync(string value, Caller caller, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var hash = RefreshTokenValue.HashOf(value);
        var session = await (
            from t in db.RefreshTokens
            join s in db.Sessions on t.SessionId equals s.Id
            where t.Hash == hash && t.ExpiresAt > now && s.ExpiresAt > now && s.RevokedAt == null
            select s).SingleOrDefaultAsync(ct);
        if (session is null)
            return null;
        var successor = values.SuccessorOf(value);
        var claimed = await db.RefreshTokens.Where(t => t.Hash == hash && t.UsedAt == null)
            .ExecuteUpdateAsync(
                u => u.SetProperty(t => t.UsedAt, now).SetProperty(t => t.UsedBy, caller.Fingerprint), ct);
        if (claimed == 1)
        {
            tokens.Add(successor, session);
            (session.LastUsedAt, session.Agent, session.IpAddress) = (now, caller.Agent, caller.IpAddress);
            await db.SaveChangesAsync(ct);
        }
        else if (!await IsRepetitionAsync(hash, RefreshTokenValue.HashOf(successor), caller, now, ct))
        {
            if (await db.Sessions.Where(s => s.Id == session.Id).EndAsync(now, ct) > 0)
                audit.Add(session.UserId, Acts.RefreshTokenReused, "the session was ended");
            await db.SaveChangesAsync(ct);
            Reused(log, session.UserId);
            return null;
        }
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == session.UserId, ct);
        return tokens.Answer(user, session.Id, successor);
    }, ct);

    async Task<bool> IsRepetitionAsync(
        string hash, string successor, Caller caller, DateTimeOffset now, CancellationToken ct)
    {
        var since = now - Grace;
        return await db.RefreshTokens
                .AnyAsync(t => t.Hash == hash && t.UsedAt >= since && t.UsedBy == caller.Fingerprint, ct)
            && await db.RefreshTokens.AnyAsync(t => t.Hash == successor && t.UsedAt == null, ct);
    }

    [LoggerMessage(1, LogLevel.Warning,
        "A used refresh token of user {UserId} was shown again: its session has been ended")]
    static partial void Reused(ILogger log, Guid userId);
}
