using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Quotas;

namespace CloudPhone.Users.Accounts;

/// <summary>All that a new user gets, in one transaction: account, quota and the event that tells of it.</summary>
sealed class NewAccount(UsersDb db, Outbox outbox, Audit audit, UsersOptions options, TimeProvider clock)
{
    /// <exception cref="Microsoft.EntityFrameworkCore.DbUpdateException">Name or address was taken
    /// meanwhile.</exception>
    public async Task<User> CreateAsync(
        string username, string email, string language, string passwordHash, IEnumerable<string> roles,
        CancellationToken ct, bool mustChangePassword = false, Guid? id = null)
    {
        var now = clock.GetUtcNow();
        var user = new User
        {
            Id = id ?? Guid.CreateVersion7(now), Username = username,
            NormalizedUsername = AccountRules.Normalize(username),
            Email = email, NormalizedEmail = AccountRules.Normalize(email), Language = language,
            PasswordHash = passwordHash, MustChangePassword = mustChangePassword,
            Roles = [.. roles], CreatedAt = now,
        };
        db.Add(user);
        db.Add(new Account { UserId = user.Id });
        db.Add(new Quota
        {
            UserId = user.Id, OwnLimits = options.DefaultLimits, Limits = options.DefaultLimits, UpdatedAt = now,
        });
        outbox.Add(new UserRegistered(user.Id, username, email, language, now));
        audit.Add(user.Id, Acts.Registered, actorId: user.Id);
        await db.SaveChangesAsync(ct);
        return user;
    }
}
