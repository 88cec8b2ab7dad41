using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Quotas;

/// <summary>Reads quotas; reservations and plans that are over no longer count, swept or not.</summary>
sealed class QuotaReader(UsersDb db, Expiry expiry, QuotaTerms terms, QuotaCache cache)
{
    public Task<QuotaView?> CachedAsync(Guid userId, CancellationToken ct) =>
        cache.GetAsync(userId, () => FreshAsync(userId, ct));

    public async Task<QuotaView?> FreshAsync(Guid userId, CancellationToken ct)
    {
        await expiry.RunAsync(userId, ct);
        await terms.RunAsync(userId, ct);
        return await db.Quotas.AsNoTracking().SingleOrDefaultAsync(q => q.UserId == userId, ct) is { } q
            ? QuotaView.Of(q) : null;
    }
}
