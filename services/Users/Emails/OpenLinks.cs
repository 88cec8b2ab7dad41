using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Emails;

/// <summary>
/// The links that were mailed for an account and not used yet. They end with what changes who the account belongs to:
/// another password or address, other roles, a suspension.
/// </summary>
static class OpenLinks
{
    /// <summary>Call it in a transaction.</summary>
    /// <returns>How many there were.</returns>
    public static async Task<int> EndLinksAsync(
        this UsersDb db, Guid userId, DateTimeOffset now, CancellationToken ct) =>
        await db.PasswordResets.Where(r => r.UserId == userId && r.UsedAt == null)
            .ExecuteUpdateAsync(s => s.SetProperty(r => r.UsedAt, now), ct)
        + await db.EmailChanges.Where(c => c.UserId == userId && c.UsedAt == null)
            .ExecuteUpdateAsync(s => s.SetProperty(c => c.UsedAt, now), ct);
}
