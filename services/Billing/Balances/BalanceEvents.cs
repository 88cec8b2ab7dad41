using CloudPhone.Billing.Charging;
using CloudPhone.Billing.Invoices;
using CloudPhone.Billing.Plans;
using CloudPhone.Contracts;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Messaging;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Balances;

/// <summary>Keeps balances, warns once when one gets low, begins and ends the grace; has payments invoiced.</summary>
static class BalanceEvents
{
    const string Usage = "usage";
    const string Plan = "plan";
    const string PlanRefunded = "plan-refunded";

    public static async Task OnBalanceUpdated(
        UserBalanceUpdated e, BillingDb db, Outbox outbox, ChargingOptions options, Invoicing invoicing,
        TimeProvider clock, CancellationToken ct)
    {
        await KeepAsync(e, db, outbox, options, clock, ct);
        await invoicing.OnBalanceUpdatedAsync(e, ct); // late or not, a payment has its invoice
    }

    static async Task KeepAsync(
        UserBalanceUpdated e, BillingDb db, Outbox outbox, ChargingOptions options, TimeProvider clock,
        CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await TakeAsync(e, db, ct) is not { } balance)
        {
            if (EndsExhaustion(e))
                await EndLateAsync(e, db, now + options.Grace, ct);
            return;
        }
        WarnIfLow(balance, e, outbox, options, now);
        var grace = db.Set<GracePeriod>().Where(g => g.UserId == e.UserId);
        if (EndsExhaustion(e))
        {
            balance.IsExhausted = false;
            await grace.ExecuteDeleteAsync(ct);
        }
        else if (e is { Reason: Usage, Delta: < 0 } && !await grace.AnyAsync(ct)
            && !await db.HasHoursAsync(e.UserId, now, ct))
            db.Add(new GracePeriod
            {
                Id = Guid.CreateVersion7(now), UserId = e.UserId, NextAttemptAt = now + options.Grace,
                FromVersion = e.Version, RequestId = RequestId.Current, TraceParent = Cause.TraceParent,
            });
        await db.SaveChangesAsync(ct);
    }

    /// <summary>A plan was paid, and its hours are there, whatever debt is left. A plan's price that goes back is in
    /// the balance only until the refund takes it, with the next event.</summary>
    static bool EndsExhaustion(UserBalanceUpdated e) => e.Reason == Plan || (e.Balance > 0 && e.Reason != PlanRefunded);

    /// <summary>What began before it is over; as later usage was told already, another grace begins.</summary>
    static async Task EndLateAsync(
        UserBalanceUpdated e, BillingDb db, DateTimeOffset end, CancellationToken ct)
    {
        await db.Set<UserBalance>().Where(b => b.UserId == e.UserId && b.ExhaustedVersion < e.Version)
            .ExecuteUpdateAsync(s => s.SetProperty(b => b.IsExhausted, false), ct);
        await db.Set<GracePeriod>().Where(g => g.UserId == e.UserId && g.FromVersion < e.Version)
            .ExecuteUpdateAsync(s => s.SetProperty(g => g.NextAttemptAt, end).SetProperty(g => g.LeaseId, (Guid?)null)
                .SetProperty(g => g.FromVersion, e.Version), ct);
    }

    /// <summary>Once per crossing: told again only after it was above. A balance that never was is low at the first
    /// debit. What buys a plan was paid in just before, for that alone.</summary>
    static void WarnIfLow(
        UserBalance balance, UserBalanceUpdated e, Outbox outbox, ChargingOptions options, DateTimeOffset now)
    {
        if (e.Balance >= options.LowBalance)
            balance.IsLowTold = false;
        else if (e is { Delta: < 0, Reason: not Plan } && !balance.IsLowTold)
        {
            balance.IsLowTold = true;
            outbox.Add(new BillingLowBalance(e.UserId, e.Balance, options.LowBalance, e.Currency, now));
        }
    }

    /// <summary>Events of one user take turns by the lock on the row.</summary>
    /// <returns>Null: a later one was here before.</returns>
    static async Task<UserBalance?> TakeAsync(UserBalanceUpdated e, BillingDb db, CancellationToken ct)
    {
        var row = db.Set<UserBalance>().Where(b => b.UserId == e.UserId);
        var at = e.UpdatedAt.ToUniversalTime();
        while (await row.Where(b => b.Version < e.Version).ExecuteUpdateAsync(s => s
            .SetProperty(b => b.Balance, e.Balance).SetProperty(b => b.Version, e.Version)
            .SetProperty(b => b.UpdatedAt, at), ct) == 0)
        {
            if (await row.AnyAsync(ct))
                return null;
            var first = db.Add(
                new UserBalance { UserId = e.UserId, Balance = e.Balance, Version = e.Version, UpdatedAt = at });
            try
            {
                await db.SaveChangesAsync(ct);
                return first.Entity;
            }
            catch (DbUpdateException x) when (DatabaseErrors.IsDuplicate(x))
            {
                first.State = EntityState.Detached; // another event was faster: look whether it was a later one
            }
        }
        return await row.SingleAsync(ct);
    }
}
