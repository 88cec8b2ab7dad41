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
        var now = clock.GetUtcNow();
        var quota = await db.Quotas.SingleAsync(q => q.UserId == e.UserId, ct);
        if (plan is not null)
        {
            var term = await TermAsync(e.UserId, e.PaymentId, ct);
            (term.Code, term.Months, term.Limits, term.PaidAt) =
                (plan.Code, plan.Months, plan.Limits, e.PaidAt.ToUniversalTime());
        }
        else if (quota.OwnValidUntil is { } end && e.QuotaDays > 0)
            quota.OwnValidUntil = Extended(end > now ? end : now, TimeSpan.FromDays(e.QuotaDays));
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

    /// <summary>No end is too far to be paid for: a quota never stops a credit.</summary>
    static DateTimeOffset Extended(DateTimeOffset end, TimeSpan time) =>
        DateTimeOffset.MaxValue - end > time ? end + time : end;

    async Task SettleAsync(Quota quota, CancellationToken ct)
    {
        await db.SaveChangesAsync(ct); // so that the terms are read as they are now
        await terms.SettleAsync(quota, ct);
    }

    async Task<PlanTerm> TermAsync(Guid userId, Guid paymentId, CancellationToken ct) =>
        await db.PlanTerms.SingleOrDefaultAsync(t => t.PaymentId == paymentId, ct)
            ?? db.Add(new PlanTerm { PaymentId = paymentId, UserId = userId }).Entity;
}
