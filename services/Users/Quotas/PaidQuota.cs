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
            Extend(quota, topUp.Days);
            if (topUp.IsRefunded)
                Take(quota, topUp);
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

    /// <summary>A top-up that was refunded takes its days with it, as far as they were not over then.</summary>
    public Task TakeDaysAsync(Guid userId, Guid paymentId, DateTimeOffset refundedAt, CancellationToken ct) =>
        ChangeAsync(userId, paymentId, t => t.RefundedAt = Later(t.RefundedAt, refundedAt), ct);

    /// <summary>A refund failed, and its money is a top-up again: what was taken is given back, and no more.</summary>
    public Task GiveDaysAgainAsync(Guid userId, Guid paymentId, DateTimeOffset failedAt, CancellationToken ct) =>
        ChangeAsync(userId, paymentId, t => t.FailedAt = Later(t.FailedAt, failedAt), ct);

    async Task ChangeAsync(Guid userId, Guid paymentId, Action<TopUpTerm> change, CancellationToken ct)
    {
        var topUp = await TopUpAsync(userId, paymentId, ct);
        var was = topUp.IsRefunded;
        change(topUp);
        if (was == topUp.IsRefunded)
            return;
        var quota = await db.Quotas.SingleAsync(q => q.UserId == userId, ct);
        if (topUp.IsRefunded)
            Take(quota, topUp);
        else
            GiveBack(quota, topUp);
        await SettleAsync(quota, ct);
    }

    static void Take(Quota quota, TopUpTerm topUp)
    {
        if (quota.OwnValidUntil is not { } end || end <= topUp.RefundedAt)
            return;
        var (left, days) = (end - topUp.RefundedAt!.Value, TimeSpan.FromDays(topUp.Days));
        topUp.Taken = left < days ? left : days;
        quota.OwnValidUntil = end - topUp.Taken;
    }

    static void GiveBack(Quota quota, TopUpTerm topUp)
    {
        if (quota.OwnValidUntil is { } end && DateTimeOffset.MaxValue - end > topUp.Taken)
            quota.OwnValidUntil = end + topUp.Taken;
        topUp.Taken = TimeSpan.Zero;
    }

    static DateTimeOffset Later(DateTimeOffset? a, DateTimeOffset b) => a > b ? a.Value : b.ToUniversalTime();

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
