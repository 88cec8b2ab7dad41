using CloudPhone.Contracts;
using CloudPhone.Users.Ledger;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Quotas;

/// <summary>What was paid for beside the money.</summary>
sealed record PaidPlan(string Code, decimal Price, int Months, QuotaLimits Limits)
{
    const int MaxMonths = 1200;

    /// <returns>Null for a plain top-up.</returns>
    /// <exception cref="UnpostableException">The event says only half of it.</exception>
    public static PaidPlan? Of(BillingPaymentSuccess e)
    {
        if (e.PlanCode is not { } code)
            return null;
        return code.Length <= Quota.MaxPlanLength
            && e.PlanPrice is >= 0 and var price && Money.IsExact(price)
            && e.PlanMonths is > 0 and <= MaxMonths and var months
            && e.MaxDevices is >= 0 and var devices
            && e.TotalCpuCores is >= 0 and var cores
            && e.TotalMemoryGB is >= 0 and var memory
            ? new(code, price, months, new(devices, cores, memory))
            : throw new UnpostableException($"the plan {code} has no price, no months or no limits");
    }
}

/// <summary>What was paid changes the terms of a quota, in the transaction of the payment's entry.</summary>
sealed class PaidQuota(UsersDb db, QuotaTerms terms, TimeProvider clock)
{
    const int MaxDays = 36_500;

    public async Task ExtendAsync(BillingPaymentSuccess e, PaidPlan? plan, CancellationToken ct)
    {
        if (e.QuotaDays is < 0 or > MaxDays)
            throw new UnpostableException($"the quota can't grow by {e.QuotaDays} days");
        var quota = await db.Quotas.SingleAsync(q => q.UserId == e.UserId, ct);
        if (plan is not null)
        {
            var term = await TermAsync(e.UserId, e.PaymentId, ct);
            (term.Code, term.Months, term.Limits, term.PaidAt) =
                (plan.Code, plan.Months, plan.Limits, e.PaidAt.ToUniversalTime());
        }
        else if (quota.OwnValidUntil is not null && e.QuotaDays > 0)
        {
            var topUp = await TopUpAsync(e.UserId, e.PaymentId, ct);
            topUp.Days = e.QuotaDays;
            if (topUp.RefundId is null)
                Extend(quota, topUp.Days);
        }
        else
            return; // what has no end needs no more time, and gets none
        await SettleAsync(quota, ct);
    }

    /// <summary>A plan that was refunded ends, and the next one begins. What it allowed stays read, released and
    /// renewed.</summary>
    public async Task EndAsync(Guid userId, Guid paymentId, DateTimeOffset end, CancellationToken ct)
    {
        var term = await TermAsync(userId, paymentId, ct);
        if (term.EndedAt is not null)
            return;
        term.EndedAt = end.ToUniversalTime();
        await SettleAsync(await db.Quotas.SingleAsync(q => q.UserId == userId, ct), ct);
    }

    /// <summary>A top-up that was refunded takes its days with it, as far as they are not over.</summary>
    public async Task TakeDaysAsync(Guid userId, Guid paymentId, Guid refundId, CancellationToken ct)
    {
        var topUp = await TopUpAsync(userId, paymentId, ct);
        if (topUp.RefundId is not null)
            return;
        topUp.RefundId = refundId;
        var (quota, now) = (await db.Quotas.SingleAsync(q => q.UserId == userId, ct), clock.GetUtcNow());
        if (quota.OwnValidUntil is { } end && end > now)
            quota.OwnValidUntil = end - now > TimeSpan.FromDays(topUp.Days) ? end.AddDays(-topUp.Days) : now;
        await SettleAsync(quota, ct);
    }

    /// <summary>The refund failed: its money is a top-up again.</summary>
    public async Task GiveDaysAgainAsync(Guid userId, Guid refundId, CancellationToken ct)
    {
        if (await db.TopUpTerms.SingleOrDefaultAsync(t => t.RefundId == refundId, ct) is not { } topUp)
            return;
        topUp.RefundId = null;
        var quota = await db.Quotas.SingleAsync(q => q.UserId == userId, ct);
        Extend(quota, topUp.Days);
        await SettleAsync(quota, ct);
    }

    /// <summary>No end is too far to be paid for: a quota never stops a credit.</summary>
    void Extend(Quota quota, int days)
    {
        if (days == 0 || quota.OwnValidUntil is not { } end)
            return;
        var (now, time) = (clock.GetUtcNow(), TimeSpan.FromDays(days));
        var from = end > now ? end : now;
        quota.OwnValidUntil = DateTimeOffset.MaxValue - from > time ? from + time : from;
    }

    async Task SettleAsync(Quota quota, CancellationToken ct)
    {
        await db.SaveChangesAsync(ct); // so that the terms are read as they are now
        await terms.SettleAsync(quota, ct);
    }

    async Task<PlanTerm> TermAsync(Guid userId, Guid paymentId, CancellationToken ct) =>
        await db.PlanTerms.SingleOrDefaultAsync(t => t.PaymentId == paymentId, ct)
            ?? db.Add(new PlanTerm { PaymentId = paymentId, UserId = userId }).Entity;

    async Task<TopUpTerm> TopUpAsync(Guid userId, Guid paymentId, CancellationToken ct) =>
        await db.TopUpTerms.SingleOrDefaultAsync(t => t.PaymentId == paymentId, ct)
            ?? db.Add(new TopUpTerm { PaymentId = paymentId, UserId = userId }).Entity;
}
