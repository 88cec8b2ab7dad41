using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Plans;

static class Subscriptions
{
    /// <summary>How long a month of a plan is.</summary>
    public static readonly TimeSpan Month = TimeSpan.FromDays(30);

    /// <summary>
    /// Gives the user what a paid order of a plan includes, from now on or, where a subscription runs, from its end on.
    /// An order has its effect once, however often this is called. It belongs into the transaction of the payment.
    /// </summary>
    public static async Task OpenAsync(
        BillingDb db, Guid userId, Guid orderId, Plan plan, int months, DateTimeOffset now, CancellationToken ct)
    {
        var subscriber = await TakeTurnAsync(db, userId, ct);
        if (await db.Subscriptions.AnyAsync(s => s.OrderId == orderId, ct))
            return;
        // to the microsecond, as PostgreSQL keeps it: the next one begins exactly where this one ends
        var from = subscriber.Until > now ? subscriber.Until
            : new DateTimeOffset(now.UtcTicks - now.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
        for (var month = 1; month <= months; month++, from += Month)
            db.Add(new Subscription
            {
                Id = Guid.CreateVersion7(now), UserId = userId, PlanId = plan.Id, OrderId = orderId, Month = month,
                From = from, Until = from + Month, IncludedSeconds = plan.IncludedHours * 3600L,
            });
        subscriber.Until = from;
        await db.SaveChangesAsync(ct);
    }

    /// <summary>
    /// Ends what an order has opened, as it was refunded; what follows begins then. It belongs into the transaction of
    /// the refund.
    /// </summary>
    public static async Task EndAsync(
        BillingDb db, Guid userId, Guid orderId, DateTimeOffset now, CancellationToken ct)
    {
        var subscriber = await TakeTurnAsync(db, userId, ct);
        var open = await db.Subscriptions.Where(s => s.UserId == userId && s.Until > now).OrderBy(s => s.From)
            .ToListAsync(ct);
        var ended = open.FindAll(s => s.OrderId == orderId);
        if (ended.Count == 0)
            return;
        var (from, until) = (ended[0].From, ended[^1].Until);
        var end = from > now ? from : new(now.UtcTicks - now.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
        foreach (var s in ended.Where(s => s.From < end))
            s.Until = end;
        db.RemoveRange(ended.Where(s => s.From >= end));
        foreach (var s in open.Where(s => s.From >= until))
            (s.From, s.Until) = (s.From - (until - end), s.Until - (until - end));
        subscriber.Until -= until - end;
        await db.SaveChangesAsync(ct);
    }

    /// <summary>A plan pays for what runs.</summary>
    public static Task<bool> HasHoursAsync(
        this BillingDb db, Guid userId, DateTimeOffset now, CancellationToken ct) =>
        db.Subscriptions.AnyAsync(s => s.UserId == userId && s.From <= now && s.Until > now
            && s.UsedSeconds < s.IncludedSeconds, ct);

    /// <summary>Payments of one user wait for each other by the lock on this row.</summary>
    static async Task<Subscriber> TakeTurnAsync(BillingDb db, Guid userId, CancellationToken ct)
    {
        var row = db.Set<Subscriber>().Where(s => s.UserId == userId);
        while (await row.ExecuteUpdateAsync(s => s.SetProperty(r => r.Changes, r => r.Changes + 1), ct) == 0)
        {
            var first = db.Add(new Subscriber { UserId = userId });
            try
            {
                await db.SaveChangesAsync(ct);
                return first.Entity;
            }
            catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
            {
                first.State = EntityState.Detached; // another payment was faster: wait behind it
            }
        }
        return await row.SingleAsync(ct);
    }
}
