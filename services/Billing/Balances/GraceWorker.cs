using CloudPhone.Billing.Metering;
using CloudPhone.Billing.Plans;
using CloudPhone.Billing.Rates;
using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
using CloudPhone.Shared.Work;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Balances;

/// <summary>
/// At the end of the grace the balance is exhausted, which stops the user's phones. Where one still runs after another
/// grace, it is told again.
/// </summary>
sealed class GraceWorker(DueWorkerParts parts, ILogger<GraceWorker> log) : DueWorker<BillingDb, GracePeriod>(parts, log)
{
    protected override string What => "end of grace";

    protected override async Task<DateTimeOffset?> TryAsync(
        GracePeriod row, IServiceProvider services, CancellationToken ct)
    {
        var db = services.GetRequiredService<BillingDb>();
        db.Remove(row); // a credit has removed it before: then nothing of this is saved
        var balance = await db.Set<UserBalance>().SingleAsync(b => b.UserId == row.UserId, ct);
        if (balance.Balance > 0 || (balance.IsExhausted && !await IsRunningAsync(db, row.UserId, ct)))
            return null;
        // a charge that began before the plan is of the balance, whatever debt that leaves
        if (await db.HasHoursAsync(row.UserId, Clock.GetUtcNow(), ct))
            return null;
        (balance.IsExhausted, balance.ExhaustedVersion) = (true, balance.Version);
        services.GetRequiredService<Outbox>().Add(new BillingBalanceExhausted(
            row.UserId, balance.Balance, Rate.First.Currency, Clock.GetUtcNow(), balance.Version));
        return null;
    }

    static Task<bool> IsRunningAsync(BillingDb db, Guid userId, CancellationToken ct) =>
        db.Usage.AnyAsync(u => u.UserId == userId && u.Status == UsageStatus.Open && u.StartedAt != null, ct);
}
