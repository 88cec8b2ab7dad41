using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
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

/// <summary>Gives a quota the limits and the time that were paid, in the transaction of the payment's entry.</summary>
sealed class PaidQuota(UsersDb db, Outbox outbox, TimeProvider clock)
{
    static readonly TimeSpan Month = TimeSpan.FromDays(30);
    const int MaxDays = 36_500;

    public async Task ExtendAsync(BillingPaymentSuccess e, PaidPlan? plan, CancellationToken ct)
    {
        if (e.QuotaDays is < 0 or > MaxDays)
            throw new UnpostableException($"the quota can't grow by {e.QuotaDays} days");
        var now = clock.GetUtcNow();
        var quota = await db.Quotas.SingleAsync(q => q.UserId == e.UserId, ct);
        if (plan is not null)
        {
            quota.ValidUntil = Latest(quota.ValidUntil, now) + Month * plan.Months;
            // of two plans the one that was paid later counts, whichever event comes first
            if (quota.PlanPaidAt is null || quota.PlanPaidAt <= e.PaidAt)
            {
                quota.Limits = plan.Limits;
                (quota.Plan, quota.PlanPaidAt) = (plan.Code, e.PaidAt);
            }
        }
        else if (quota.ValidUntil is { } end && e.QuotaDays > 0)
            quota.ValidUntil = Latest(end, now) + TimeSpan.FromDays(e.QuotaDays);
        else
            return; // what has no end needs no more time
        quota.UpdatedAt = now;
        outbox.Add(quota.ToUpdated());
    }

    static DateTimeOffset Latest(DateTimeOffset? end, DateTimeOffset now) => end > now ? end.Value : now;
}
