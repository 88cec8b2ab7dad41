using CloudPhone.Shared.Messaging;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Charging;

/// <summary>Charges what has run since the step before. A step that dies in between has charged nothing.</summary>
static class ChargeStep
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <param name="all">False: only what has stopped or paused.</param>
    /// <returns>How many charges there were. Repeated within the second, it charges nothing.</returns>
    public static async Task<long> RunAsync(
        BillingDb db, Outbox outbox, bool all, DateTimeOffset now, CancellationToken ct)
    {
        db.Database.SetCommandTimeout(Limit);
        // as PostgreSQL keeps times, so that both kinds of database charge alike
        now = new(now.UtcTicks - now.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
        for (long sum = 0; ;)
        {
            var (charged, unfinished) = await db.InTransactionAsync(async () =>
            {
                if (!db.Database.IsNpgsql())
                    return await ChargeRows.RunAsync(db, outbox, all, now, ct);
                var counts = await ChargeStatement.RunAsync(db, all, now, ct);
                return (counts.Charged, counts.Unfinished);
            }, ct);
            sum += charged;
            if (unfinished == 0)
                return sum;
        }
    }
}
