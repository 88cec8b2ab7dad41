using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Emails;

/// <summary>
/// The addresses that users asked for last and did not confirm yet. Whether a link was mailed, which it is not where
/// somebody has the address, makes no difference: nobody is told which addresses have accounts.
/// </summary>
static class PendingEmails
{
    /// <returns>Null: there is none.</returns>
    public static async Task<string?> PendingEmailAsync(
        this UsersDb db, Guid userId, DateTimeOffset now, CancellationToken ct) =>
        (await db.PendingEmailsAsync([userId], now, ct)).GetValueOrDefault(userId);

    /// <returns>By user; who is not in it has none.</returns>
    public static async Task<Dictionary<Guid, string>> PendingEmailsAsync(
        this UsersDb db, IReadOnlyList<Guid> userIds, DateTimeOffset now, CancellationToken ct)
    {
        var since = now - EmailChange.Lifetime;
        var open = await db.EmailChanges.AsNoTracking()
            .Where(c => userIds.Contains(c.UserId) && c.UsedAt == null && c.RequestedAt > since)
            .OrderBy(c => c.RequestedAt).Select(c => new { c.UserId, c.Email }).ToListAsync(ct);
        return open.GroupBy(c => c.UserId).ToDictionary(c => c.Key, c => c.Last().Email);
    }
}
