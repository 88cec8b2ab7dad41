using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Shared.Messaging;

static class OutboxRows
{
    /// <summary>
    /// Locks rows until the end of the transaction, always in the same order: the relay and the receipts, who write the
    /// same ones, could wait for each other otherwise.
    /// </summary>
    public static async Task LockOutboxAsync(this ServiceDb db, List<Guid> ids, CancellationToken ct)
    {
        if (db.Database.IsNpgsql())
            await db.Database.SqlQuery<Guid>($"SELECT id FROM outbox WHERE id = ANY({ids}) ORDER BY id FOR UPDATE")
                .ToListAsync(ct);
    }
}
