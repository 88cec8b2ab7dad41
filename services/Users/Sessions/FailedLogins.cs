using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Audits;

namespace CloudPhone.Users.Sessions;

/// <summary>A wrong password or code for an account that exists: its user is told.</summary>
sealed class FailedLogins(UsersDb db, Outbox outbox, Audit audit, IHttpContextAccessor http, TimeProvider clock)
{
    public Task TellAsync(User user, int attempt, CancellationToken ct)
    {
        var address = http.HttpContext is { } context ? Caller.Of(context).IpAddress : null;
        outbox.Add(new UserLoginFailed(user.Id, user.Username, attempt, clock.GetUtcNow(), address));
        audit.Add(user.Id, Acts.LoginFailed, FormattableString.Invariant($"failure {attempt} in a row"));
        return db.SaveChangesAsync(ct);
    }
}
