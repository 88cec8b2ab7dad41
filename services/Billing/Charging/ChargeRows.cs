using CloudPhone.Billing.Metering;
using CloudPhone.Billing.Plans;
using CloudPhone.Billing.Rates;
using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Charging;

/// <summary>SQLite charges row by row, in one transaction: embedded platforms are small.</summary>
static class ChargeRows
{
    /// <returns>False where some have more to be charged, from the next day on.</returns>
    public static async Task<(long Charged, long Unfinished)> RunAsync(
        BillingDb db, Outbox outbox, bool all, DateTimeOffset now, CancellationToken ct)
    {
        var due = await Due(db.Usage).Where(u => all || u.Status != UsageStatus.Open).ToListAsync(ct);
        if (due.Count == 0)
            return (0, 0);
        var charges = Charge.Of(due, await SubscriptionsOfAsync(db, due, ct), now);
        Charge.Apply(charges);
        foreach (var charge in charges.Where(c => c.IsCharge))
        {
            outbox.Add(Told(charge, now));
            await CountAsync(db, charge, ct);
        }
        await db.SaveChangesAsync(ct);
        return (charges.Count(c => c.IsCharge), charges.Count(c => !c.IsLast));
    }

    /// <summary>As <see cref="UsageRecord.ToCharge"/>.</summary>
    public static IQueryable<UsageRecord> Due(IQueryable<UsageRecord> records) =>
        records.Where(u => u.Status == UsageStatus.Open || u.Changes != u.ChargedChanges);

    public static Task<List<Subscription>> SubscriptionsOfAsync(
        BillingDb db, IEnumerable<UsageRecord> records, CancellationToken ct)
    {
        var users = records.Select(u => u.UserId).Distinct().ToList();
        return db.Subscriptions.Where(s => users.Contains(s.UserId)).ToListAsync(ct);
    }

    static BillingUsageCharged Told(Charge c, DateTimeOffset now) => new(
        Guid.CreateVersion7(now), c.Record.Id, c.Record.DeviceId, c.Record.UserId, c.Amount, Rate.First.Currency,
        c.Seconds, c.From, c.Until, c.Included == 0 ? null : c.Included);

    static async Task CountAsync(BillingDb db, Charge c, CancellationToken ct)
    {
        var day = DateOnly.FromDateTime(c.From.UtcDateTime);
        bool IsSame(DailyUsage d) =>
            d.DeviceId == c.Record.DeviceId && d.UserId == c.Record.UserId && d.Day == day;
        var daily = db.Set<DailyUsage>().Local.FirstOrDefault(IsSame)
            ?? await db.Set<DailyUsage>().SingleOrDefaultAsync(
                d => d.DeviceId == c.Record.DeviceId && d.UserId == c.Record.UserId && d.Day == day, ct);
        if (daily is null)
            db.Add(daily = new()
            {
                Id = Guid.CreateVersion7(new(day.ToDateTime(default), TimeSpan.Zero)), DeviceId = c.Record.DeviceId,
                UserId = c.Record.UserId, Day = day,
            });
        daily.Seconds += c.Seconds;
        daily.IncludedSeconds += c.Included;
        daily.Amount += c.Amount;
    }
}
