using CloudPhone.Billing.Invoices;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Payments;
using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
using Microsoft.EntityFrameworkCore;
using Subscriptions = CloudPhone.Billing.Plans.Subscriptions;

namespace CloudPhone.Billing.Refunds;

/// <summary>Moves a refund, and with it all that follows: the order, the plan, the documents and the event.</summary>
sealed class RefundChanges(BillingDb db, Outbox outbox, Invoicing invoicing, TimeProvider clock)
{
    /// <summary>In a turn of the order.</summary>
    /// <returns>False: it was so before, and nothing is changed.</returns>
    public async Task<bool> ApplyAsync(
        Order order, Refund refund, RefundTrigger trigger, string? failure, CancellationToken ct)
    {
        if (!refund.Fire(trigger))
            return false;
        refund.Failure ??= failure is { Length: > 512 } ? failure[..512] : failure;
        switch (refund.Status)
        {
            case RefundStatus.Refused:
                refund.CompletedAt = clock.GetUtcNow();
                break;
            case RefundStatus.Completed:
                refund.CompletedAt = clock.GetUtcNow();
                await CompleteAsync(order, refund, refund.CompletedAt.Value, ct);
                break;
            case RefundStatus.Failed:
                await TakeBackAsync(order, refund, ct);
                break;
        }
        return true;
    }

    async Task CompleteAsync(Order order, Refund refund, DateTimeOffset at, CancellationToken ct)
    {
        order.RefundedAmount += refund.Amount;
        var payments = (await db.PaymentsOf(order, ct)).FindAll(p => p.Status == PaymentStatus.Succeeded);
        if (order.RefundedAmount >= payments.Sum(p => p.Amount))
            order.Fire(OrderTrigger.RefundAll);
        var plan = await db.PlanOfAsync(refund, ct);
        DateTimeOffset? end = await IsWholeAsync(refund, payments.Find(p => p.Id == refund.PaymentId)!, ct) ? at : null;
        if (plan is not null && end is not null)
            await Subscriptions.EndAsync(db, order.UserId, order.Id, at, ct);
        outbox.Add(new BillingPaymentRefunded(
            refund.Id, refund.PaymentId, refund.OrderId, refund.UserId, refund.Amount, refund.Currency, refund.Reason,
            at, plan, PlanEndsAt: plan is null ? null : end, TopUpEndsAt: plan is null ? end : null));
        await invoicing.CreditAsync(refund, ct);
    }

    /// <summary>With it all that was paid has gone back. Its own change may not be saved yet.</summary>
    async Task<bool> IsWholeAsync(Refund refund, Payment payment, CancellationToken ct) =>
        payment.Amount <= refund.Amount + (await db.Refunds.AsNoTracking()
            .Where(r => r.PaymentId == payment.Id && r.Id != refund.Id && r.Status == RefundStatus.Completed)
            .Select(r => r.Amount).ToListAsync(ct)).Sum();

    /// <summary>The money never reached the user's bank, or came back from it: the ledger gets it, as the event says.
    /// A plan that ended by it stays so: what was paid for it is in the balance, as of a top-up.</summary>
    async Task TakeBackAsync(Order order, Refund refund, CancellationToken ct)
    {
        order.RefundedAmount -= refund.Amount;
        order.Fire(OrderTrigger.RefundFails);
        var payment = (await db.PaymentsOf(order, ct)).Single(p => p.Id == refund.PaymentId);
        payment.AsTopUp |= await IsWholeAsync(refund, payment, ct);
        outbox.Add(new BillingRefundFailed(
            refund.Id, refund.PaymentId, refund.OrderId, refund.UserId, refund.Amount, refund.Currency,
            refund.Failure ?? "The provider does not say why.", clock.GetUtcNow()));
        await invoicing.ReverseAsync(refund, clock.GetUtcNow(), ct);
    }
}
