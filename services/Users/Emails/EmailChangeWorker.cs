using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
using CloudPhone.Shared.Work;
using CloudPhone.Users.Accounts;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Emails;

/// <summary>Lets the notification service mail the link, unless somebody has the address.</summary>
sealed class EmailChangeWorker(DueWorkerParts parts, ILogger<EmailChangeWorker> log)
    : DueWorker<UsersDb, EmailChange>(parts, log)
{
    protected override string What => "e-mail change";

    protected override async Task<DateTimeOffset?> TryAsync(
        EmailChange row, IServiceProvider services, CancellationToken ct)
    {
        var (db, email) = (services.GetRequiredService<UsersDb>(), AccountRules.Normalize(row.Email));
        if (row.UsedAt is not null
            || await db.Users.AnyAsync(u => u.NormalizedEmail == email && u.Id != row.UserId, ct))
            return null;
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == row.UserId, ct);
        row.ExpiresAt = Clock.GetUtcNow() + EmailChange.Lifetime;
        services.GetRequiredService<Outbox>().Add(
            new UserEmailChangeRequested(user.Id, user.Username, row.Email, row.Id, row.ExpiresAt.Value));
        return null;
    }
}
