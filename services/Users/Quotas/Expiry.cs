using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Quotas;

/// <summary>Gives back what reservations held whose phones never came.</summary>
sealed class Expiry(UsersDb db, Holdings holdings, TimeProvider clock)
{
    const int BatchSize = 100;

    /// <summary>For one user, or for all.</summary>
    /// <returns>The users who got something back.</returns>
    public async Task<IReadOnlySet<Guid>> RunAsync(Guid? userId, CancellationToken ct)
    {
        var users = new HashSet<Guid>();
        var now = clock.GetUtcNow();
        var due = db.QuotaHoldings.AsNoTracking().Where(h => h.State == HoldingState.Reserved && h.ExpiresAt <= now);
        if (userId is { } one)
            due = due.Where(h => h.UserId == one);
        var first = due.OrderBy(h => h.ExpiresAt).Take(BatchSize);
        for (List<QuotaHolding> batch; (batch = await first.ToListAsync(ct)).Count > 0;)
            foreach (var h in batch)
            {
                await holdings.ApplyAsync(HoldingTrigger.Expire, new(h.UserId, h.DeviceId, h.CpuCores, h.MemoryGB), ct);
                users.Add(h.UserId);
            }
        return users;
    }

    /// <summary>Forgets what was given back long ago.</summary>
    public Task ForgetAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return db.InTransactionAsync(() => db.QuotaHoldings
            .Where(h => (h.State == HoldingState.Released || h.State == HoldingState.Expired) && h.ExpiresAt <= now)
            .ExecuteDeleteAsync(ct), ct);
    }
}
