using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Plans;
using CloudPhone.Billing.Refunds;
using CloudPhone.Contracts;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Messaging;
using CloudPhone.Shared.Work;
using Microsoft.EntityFrameworkCore;
using Subscriptions = CloudPhone.Billing.Plans.Subscriptions;

namespace CloudPhone.Billing.Payments;

enum CallbackOutcome
{
    Applied,
    /// <summary>It was known.</summary>
    Duplicate,
    /// <summary>It means nothing here, or nothing any more.</summary>
    Ignored,
}

/// <summary>Makes true here what a provider says: once, and all of it in one transaction.</summary>
sealed class Settlement(
    BillingDb db, Outbox outbox, ToldRefunds refunds, PaymentOptions options, TimeProvider clock)
{
    /// <exception cref="CallbackException">It does not fit to what was asked for; nothing is changed.</exception>
    public Task<CallbackOutcome> ApplyAsync(string provider, ProviderNotice notice, CancellationToken ct) =>
        notice switch
        {
            PaymentNotice payment => ApplyAsync(provider, payment, ct),
            RefundNotice refund => refunds.ApplyAsync(provider, refund, ct),
            _ => throw new InvalidOperationException($"{notice.GetType().Name} is no known notice"),
        };

    async Task<CallbackOutcome> ApplyAsync(string provider, PaymentNotice notice, CancellationToken ct)
    {
        var asked = await db.Payments.AsNoTracking()
            .SingleOrDefaultAsync(p => p.Id == notice.PaymentId && p.Provider == provider, ct);
        Check(asked, notice);
        try
        {
            return await db.InTransactionAsync(() => ApplyAsync(provider, notice, asked!, ct), ct);
        }
        catch (DbUpdateException e)
            when (DatabaseErrors.IsDuplicate(e) && e.Entries.Any(x => x.Entity is ProviderEvent))
        {
            throw EventIdTaken; // in this moment, by a payment of an order that has other turns
        }
    }

    async Task<CallbackOutcome> ApplyAsync(
        string provider, PaymentNotice notice, Payment asked, CancellationToken ct)
    {
        var order = await db.TakeTurnAsync(asked.OrderId, ct);
        if (await KnownAsync(provider, notice, ct))
            return CallbackOutcome.Duplicate;
        db.Add(new ProviderEvent
        {
            Provider = provider, EventId = notice.EventId, Type = notice.Type, PaymentId = asked.Id,
            At = clock.GetUtcNow(),
        });
        var payments = await db.PaymentsOf(order, ct);
        var payment = payments.Single(p => p.Id == asked.Id);
        var outcome = notice.Fact switch
        {
            PaymentFact.Succeeded => await SucceedAsync(order, payments, payment, notice, ct),
            PaymentFact.Failed => End(payment, PaymentTrigger.Fail, notice.Reason),
            _ => End(payment, PaymentTrigger.Expire, null),
        };
        await db.SaveChangesAsync(ct);
        return outcome;
    }

    /// <exception cref="CallbackException">The id is that of another payment's event.</exception>
    async Task<bool> KnownAsync(string provider, PaymentNotice notice, CancellationToken ct)
    {
        var of = await db.ProviderEvents.Where(e => e.Provider == provider && e.EventId == notice.EventId)
            .Select(e => (Guid?)e.PaymentId).SingleOrDefaultAsync(ct);
        return of is null ? false : of == notice.PaymentId ? true : throw EventIdTaken;
    }

    static CallbackException EventIdTaken => new("event-id-taken", "Another payment had an event of this id.");

    /// <summary>A provider's signature proves who speaks, not that it speaks of what was asked for.</summary>
    static void Check(Payment? asked, PaymentNotice notice)
    {
        if (asked is null)
            throw new CallbackException("unknown-payment", "There is no such payment.");
        if (asked.OrderId != notice.OrderId)
            throw new CallbackException("wrong-order", "The payment is for another order.");
        if (!asked.Currency.Equals(notice.Currency, StringComparison.OrdinalIgnoreCase))
            throw new CallbackException("wrong-currency", "The payment is in another currency.");
        if (asked.Amount != notice.Amount)
            throw new CallbackException("wrong-amount", "The payment is for another amount.");
    }

    static CallbackOutcome End(Payment payment, PaymentTrigger trigger, string? reason)
    {
        if (!payment.Fire(trigger))
            return CallbackOutcome.Ignored;
        payment.Failure = reason is { Length: > 512 } ? reason[..512] : reason;
        return CallbackOutcome.Applied;
    }

    async Task<CallbackOutcome> SucceedAsync(
        Order order, List<Payment> payments, Payment payment, PaymentNotice notice, CancellationToken ct)
    {
        if (!payment.Fire(PaymentTrigger.Succeed))
            return CallbackOutcome.Duplicate;
        var now = clock.GetUtcNow();
        payment.PaidAt = now;
        (payment.Failure, payment.Trouble) = (null, null);
        payment.Reference ??= notice.Reference;
        payment.Capture = notice.Capture;
        var inTime = order.Fire(OrderTrigger.Pay);
        if (inTime || order.Fire(OrderTrigger.PayLate))
            (order.PaidAt, order.PaymentId) = (now, payment.Id);
        foreach (var other in payments.Where(p => p.Fire(PaymentTrigger.Cancel)))
            db.PutDue(other, now); // its page is closed
        var plan = inTime && order.PlanId is { } planId ? await db.Plans.SingleAsync(p => p.Id == planId, ct) : null;
        payment.AsTopUp = plan is null;
        outbox.Add(Event(order, payment, plan));
        if (plan is not null)
            await Subscriptions.OpenAsync(db, order.UserId, order.Id, plan, order.Months!.Value, now, ct);
        return CallbackOutcome.Applied;
    }

    BillingPaymentSuccess Event(Order order, Payment payment, Plan? plan)
    {
        var e = new BillingPaymentSuccess(
            payment.Id, order.Id, order.UserId, payment.Amount, payment.Currency, payment.Provider,
            payment.Amount >= options.TopUpQuotaMinimum ? options.TopUpQuotaDays : 0, payment.PaidAt!.Value);
        return plan is null ? e : e with
        {
            QuotaDays = order.Months!.Value * Subscriptions.Month.Days,
            PlanCode = plan.Code,
            PlanMonths = order.Months,
            PlanPrice = order.Amount,
            MaxDevices = plan.MaxDevices,
            TotalCpuCores = plan.TotalCpuCores,
            TotalMemoryGB = plan.TotalMemoryGB,
        };
    }
}
