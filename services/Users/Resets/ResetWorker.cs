using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
using CloudPhone.Shared.Work;
using CloudPhone.Users.Audits;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Resets;

/// <summary>Finds out whose address it is, and lets the notification service mail the link.</summary>
sealed class ResetWorker(DueWorkerParts parts, ILogger<ResetWorker> log)
    : DueWorker<UsersDb, PasswordReset>(parts, log)
{
    /// <summary>For as long a link is good.</summary>
    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    protected override string What => "password reset";

    protected override async Task<DateTimeOffset?> TryAsync(
        PasswordReset row, IServiceProvider services, CancellationToken ct)
    {
        var user = await services.GetRequiredService<UsersDb>().Users.AsNoTracking()
            .SingleOrDefaultAsync(u => u.NormalizedEmail == row.Email && u.SuspendedAt == null, ct);
        if (user is null)
            return null;
        var now = Clock.GetUtcNow();
        var expiresAt = now + Lifetime;
        (row.UserId, row.IssuedAt, row.ExpiresAt) = (user.Id, now, expiresAt);
        services.GetRequiredService<Outbox>().Add(
            new UserPasswordResetRequested(user.Id, user.Username, user.Email, row.Id, expiresAt));
        services.GetRequiredService<Audit>().Add(
            user.Id, Acts.PasswordResetRequested, $"by somebody at {row.IpAddress}");
        return null;
    }
}
