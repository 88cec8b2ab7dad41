using CloudPhone.Shared.Messaging;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Quotas;

/// <summary>
/// Gives a quota what is in force: the user's own limits, and those of the plan that runs. A plan never takes away what
/// the user has without it.
/// </summary>
sealed class QuotaTerms(UsersDb db, Outbox outbox, TimeProvider clock)
{
    /// <summary>After a change of its terms, which are saved, in the transaction of the change.</summary>
    public async Task SettleAsync(Quota quota, CancellationToken ct)
    {
        var terms = await db.PlanTerms.AsNoTracking().Where(t => t.UserId == quota.UserId).ToListAsync(ct);
        var before = (quota.Limits, quota.ValidUntil);
        var now = clock.GetUtcNow();
        Settle(quota, PlanPeriod.Of(terms), now);
        if (before == (quota.Limits, quota.ValidUntil))
            return;
        quota.UpdatedAt = now;
        outbox.Add(quota.ToUpdated());
    }

    /// <summary>Plans begin and end: of one user, or of all.</summary>
    /// <returns>The users whose quotas were looked at.</returns>
    public async Task<IReadOnlySet<Guid>> RunAsync(Guid? userId, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var due = db.Quotas.AsNoTracking().Where(q => q.ChangesAt <= now);
        if (userId is { } one)
            due = due.Where(q => q.UserId == one);
        var users = await due.Select(q => q.UserId).ToListAsync(ct);
        foreach (var user in users)
            await SettleAsync(user, now, ct);
        return users.ToHashSet();
    }

    async Task SettleAsync(Guid userId, DateTimeOffset now, CancellationToken ct)
    {
        try
        {
            await db.InTransactionAsync(async () =>
            {
                var quota = db.Quotas.Where(q => q.UserId == userId && q.ChangesAt <= now);
                if (await quota.SingleOrDefaultAsync(ct) is not { } due)
                    return;
                await SettleAsync(due, ct);
                await db.SaveChangesAsync(ct);
            }, ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            db.ChangeTracker.Clear(); // another request, or a payment, has done it
        }
    }

    static void Settle(Quota quota, List<PlanPeriod> periods, DateTimeOffset now)
    {
        var plan = periods.Find(p => p.From <= now && now < p.Until);
        var isOwnValid = quota.OwnValidUntil is null || quota.OwnValidUntil > now;
        quota.Plan = plan?.Code;
        quota.Limits = plan is null ? quota.OwnLimits : isOwnValid ? Larger(quota.OwnLimits, plan.Limits) : plan.Limits;
        quota.ValidUntil = quota.OwnValidUntil is { } own ? Later(own, EndOf(plan, periods)) : null;
        quota.ChangesAt = periods.SelectMany(p => new[] { p.From, p.Until })
            .Concat(quota.OwnValidUntil is { } end ? [end] : []).Where(t => t > now).Cast<DateTimeOffset?>().Min();
    }

    /// <summary>Of the plan and those that follow it without a gap.</summary>
    static DateTimeOffset EndOf(PlanPeriod? plan, List<PlanPeriod> periods)
    {
        var end = plan?.Until ?? DateTimeOffset.MinValue;
        foreach (var next in periods.Where(p => p.From >= end).TakeWhile(p => plan is not null && p.From == end))
            end = next.Until;
        return end;
    }

    static QuotaLimits Larger(QuotaLimits a, QuotaLimits b) => new(
        Math.Max(a.MaxDevices, b.MaxDevices), Math.Max(a.TotalCpuCores, b.TotalCpuCores),
        Math.Max(a.TotalMemoryGB, b.TotalMemoryGB));

    static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
