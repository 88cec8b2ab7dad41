using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Emails;
using CloudPhone.Users.Sessions;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Passwords;

/// <summary>Gives an account another password: all sessions and mailed links end, and the user is told.</summary>
sealed class NewPassword(UsersDb db, Outbox outbox, Audit audit, TimeProvider clock)
{
    /// <param name="oldHash">What it replaces; null: whatever there is.</param>
    /// <param name="keptSession">The one session that goes on.</param>
    /// <returns>False: somebody else was faster.</returns>
    public Task<bool> SetAsync(
        Guid userId, string? oldHash, string hash, string act, Guid? keptSession, CancellationToken ct) =>
        db.InTransactionAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var user = await db.Users.SingleAsync(u => u.Id == userId, ct);
        if (oldHash is not null && oldHash != user.PasswordHash)
            return false;
        (user.PasswordHash, user.PasswordChangedAt, user.MustChangePassword) = (hash, now, false);
        outbox.Add(new UserPasswordChanged(user.Id, user.Username, user.Email, now));
        audit.Add(user.Id, act, actorId: user.Id);
        // the account first: a login that runs beside it waits for it, or is seen by the next statement
        await db.SaveChangesAsync(ct);
        await db.EndLinksAsync(userId, now, ct);
        await db.Sessions.Where(s => s.UserId == userId && s.Id != keptSession).EndAsync(now, ct);
        return true;
    }, ct);
}
