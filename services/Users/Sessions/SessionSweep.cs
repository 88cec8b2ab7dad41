using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Sessions;

/// <summary>Removes, each hour, sessions, attempts and links that can matter to nobody any more.</summary>
sealed partial class SessionSweep(
    IServiceScopeFactory scopes, TimeProvider clock, ILogger<SessionSweep> log) : BackgroundService
{
    static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    /// <summary>API keys that ended: longer than anybody could still have a token of one.</summary>
    static readonly TimeSpan RevokedKept = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Pause, clock, stoppingToken);
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await RemoveAsync(
                    scope.ServiceProvider.GetRequiredService<UsersDb>(), clock.GetUtcNow(), stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(log, e.Message);
            }
        }
    }

    /// <summary>
    /// A used token stays until its own end: shown again before, it must be known as stolen. A session that was ended
    /// stays until everybody has been told.
    /// </summary>
    static Task RemoveAsync(UsersDb db, DateTimeOffset now, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        var (silent, told) = (now - AttemptCounter.Kept, now - Pause);
        await db.RefreshTokens.Where(t => t.ExpiresAt < now).ExecuteDeleteAsync(ct);
        await db.Sessions.Where(s => s.ExpiresAt < now || !db.RefreshTokens.Any(t => t.SessionId == s.Id))
            .Where(s => s.RevokedAt == null || s.RevokedAt < told).ExecuteDeleteAsync(ct);
        await db.PasswordResets.Where(r => r.RequestedAt < silent).ExecuteDeleteAsync(ct);
        var old = now - RevokedKept - RevokedKept;
        await db.EmailChanges.Where(c => c.RequestedAt < old).ExecuteDeleteAsync(ct);
        old = now - RevokedKept;
        await db.ApiKeys.Where(k => k.RevokedAt < old || k.ExpiresAt < old).ExecuteDeleteAsync(ct);
        await db.FailedLogins.Where(f => f.At < told && f.NextAttemptAt == null).ExecuteDeleteAsync(ct);
        await db.LoginAttempts.Where(a => a.LastAt < silent).ExecuteDeleteAsync(ct);
    }, ct);

    [LoggerMessage(1, LogLevel.Warning, "Old sessions could not be removed: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
