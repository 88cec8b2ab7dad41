using CloudPhone.Contracts;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Messaging;
using CloudPhone.Shared.Work;
using CloudPhone.Users.Audits;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Sessions;

/// <summary>Puts wrong passwords and codes down, each in one commit, whether the account exists or not.</summary>
sealed class FailedLogins(UsersDb db, IHttpContextAccessor http, TimeProvider clock)
{
    /// <param name="userId">Null: nobody has the name.</param>
    public Task AddAsync(Guid? userId, int attempt, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        db.Add(new FailedLogin
        {
            Id = Guid.CreateVersion7(now), UserId = userId, Attempt = attempt, At = now, NextAttemptAt = now,
            IpAddress = http.HttpContext is { } context ? Caller.Of(context).IpAddress : null,
            RequestId = RequestId.Current, TraceParent = Cause.TraceParent,
        });
        return db.SaveChangesAsync(ct);
    }
}

/// <summary>Tells the user of it, where there is one.</summary>
sealed class FailedLoginWorker(DueWorkerParts parts, ILogger<FailedLoginWorker> log)
    : DueWorker<UsersDb, FailedLogin>(parts, log)
{
    protected override string What => "failed login";

    protected override async Task<DateTimeOffset?> TryAsync(
        FailedLogin row, IServiceProvider services, CancellationToken ct)
    {
        var db = services.GetRequiredService<UsersDb>();
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == row.UserId, ct) is not { } user)
            return null;
        services.GetRequiredService<Outbox>().Add(
            new UserLoginFailed(user.Id, user.Username, row.Attempt, row.At, row.IpAddress));
        db.Add(new AuditEntry
        {
            Id = row.Id, UserId = user.Id, Act = Acts.LoginFailed, At = row.At, IpAddress = row.IpAddress,
            Detail = FormattableString.Invariant($"failure {row.Attempt} in a row"), RequestId = row.RequestId,
        });
        return null;
    }
}
