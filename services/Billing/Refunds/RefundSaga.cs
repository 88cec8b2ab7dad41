using CloudPhone.Billing.Invoices;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Payments;
using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
using CloudPhone.Shared.Work;
using Microsoft.EntityFrameworkCore;
using Subscriptions = CloudPhone.Billing.Plans.Subscriptions;

namespace CloudPhone.Billing.Refunds;

/// <summary>
/// The steps of a refund. Each is asked of others first and then written down, in a turn of its order; what a process
/// that died had asked is asked again, and has no second effect.
/// </summary>
sealed class RefundSaga(
    BillingDb db, Outbox outbox, PaymentProviders providers, Ledger ledger, Invoicing invoicing, WorkSignals signals,
    TimeProvider clock)
{
    static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(10);

    /// <returns>When to go on, where it isn't over.</returns>
    public async Task<DateTimeOffset?> GoOnAsync(Refund refund, CancellationToken ct)
    {
        while (true)
            switch (refund.Status)
            {
                case RefundStatus.Requested:
                    await HoldAsync(refund, ct);
                    break;
                case RefundStatus.Held when !await PayBackAsync(refund, ct):
                    return clock.GetUtcNow() + LookAgain;
                case RefundStatus.Held:
                    break;
                case RefundStatus.Releasing:
                    await ledger.ReleaseAsync(refund, ct); // of what is not held it releases nothing
                    await MoveAsync(refund, RefundTrigger.Release, ct);
                    break;
                default:
                    return null;
            }
    }

    /// <summary>What was paid for a plan was spent on it: it is not in the balance, and nobody can spend it
    /// meanwhile.</summary>
    async Task HoldAsync(Refund refund, CancellationToken ct)
    {
        var outcome = await PlanOfAsync(refund, ct) is not null ? "held" : await ledger.HoldAsync(refund, ct);
        if (outcome == "held")
            await MoveAsync(refund, RefundTrigger.Hold, ct);
        else
            await MoveAsync(refund, RefundTrigger.RefuseHold, ct, failure: outcome == "insufficient"
                ? "The balance is smaller than the refund." : $"The ledger refused: {outcome}.");
    }

    /// <summary>What a refund that failed after all gave back is in the balance: from then on the payment is as one for
    /// the balance.</summary>
    /// <returns>Code of the plan that the payment was for; null: it was for the balance.</returns>
    Task<string?> PlanOfAsync(Refund refund, CancellationToken ct) =>
        (from p in db.Payments
         join o in db.Orders on p.OrderId equals o.Id
         where p.Id == refund.PaymentId && !p.AsTopUp && !db.Refunds.Any(r => r.PaymentId == p.Id
             && r.Status == RefundStatus.Failed && r.CreatedAt < refund.CreatedAt)
         select o.PlanCode).SingleOrDefaultAsync(ct);

    /// <returns>False: the provider has it under way, and has told nothing else meanwhile.</returns>
    async Task<bool> PayBackAsync(Refund refund, CancellationToken ct)
    {
        var payment = await db.Payments.AsNoTracking().SingleAsync(p => p.Id == refund.PaymentId, ct);
        var provider = providers.Find(payment.Provider)
            ?? throw new ProviderAwayException(payment.Provider); // its settings are missing at the moment
        var answer = await provider.RefundAsync(payment, refund, ct);
        await MoveAsync(refund, Trigger(answer.State), ct, answer.Reference, answer.Reason);
        return refund.Status != RefundStatus.Held;
    }

    static RefundTrigger? Trigger(RefundState state) => state switch
    {
        RefundState.Done => RefundTrigger.PayBack,
        RefundState.Refused => RefundTrigger.RefusePayBack,
        _ => null,
    };

    Task MoveAsync(
        Refund refund, RefundTrigger? trigger, CancellationToken ct, string? reference = null,
        string? failure = null) =>
        db.InTransactionAsync(async () =>
        {
            var order = await db.TakeTurnAsync(refund.OrderId, ct);
            await db.Entry(refund).ReloadAsync(ct); // a callback may have been faster
            await ApplyAsync(order, refund, trigger, reference, failure, ct);
            await db.SaveChangesAsync(ct);
        }, ct);

    /// <returns>False: it was so before.</returns>
    async Task<bool> ApplyAsync(
        Order order, Refund refund, RefundTrigger? trigger, string? reference, string? failure, CancellationToken ct)
    {
        refund.Reference ??= reference;
        if (trigger is null || !refund.Fire(trigger.Value))
            return false;
        refund.Failure ??= failure is { Length: > 512 } ? failure[..512] : failure;
        if (refund.Status is RefundStatus.Completed or RefundStatus.Refused)
            refund.CompletedAt = clock.GetUtcNow();
        if (refund.Status == RefundStatus.Failed)
            await TakeBackAsync(order, refund, ct);
        if (refund.Status != RefundStatus.Completed)
            return true;
        order.RefundedAmount += refund.Amount;
        var payments = (await db.PaymentsOf(order, ct)).FindAll(p => p.Status == PaymentStatus.Succeeded);
        if (order.RefundedAmount >= payments.Sum(p => p.Amount))
            order.Fire(OrderTrigger.RefundAll);
        var plan = await PlanOfAsync(refund, ct);
        var ends = plan is not null && await IsWholeAsync(refund, payments.Find(p => p.Id == refund.PaymentId)!, ct);
        if (ends)
            await Subscriptions.EndAsync(db, order.UserId, order.Id, refund.CompletedAt!.Value, ct);
        outbox.Add(new BillingPaymentRefunded(
            refund.Id, refund.PaymentId, refund.OrderId, refund.UserId, refund.Amount, refund.Currency, refund.Reason,
            refund.CompletedAt!.Value, plan, ends ? refund.CompletedAt : null));
        await invoicing.CreditAsync(refund, ct);
        return true;
    }

    /// <summary>With it all that was paid has gone back. Its own change may not be saved yet.</summary>
    async Task<bool> IsWholeAsync(Refund refund, Payment payment, CancellationToken ct) =>
        payment.Amount <= refund.Amount + (await db.Refunds.AsNoTracking()
            .Where(r => r.PaymentId == payment.Id && r.Id != refund.Id && r.Status == RefundStatus.Completed)
            .Select(r => r.Amount).ToListAsync(ct)).Sum();

    /// <summary>The money never reached the user's bank, or came back from it: the ledger gets it, as the event
    /// says.</summary>
    async Task TakeBackAsync(Order order, Refund refund, CancellationToken ct)
    {
        order.RefundedAmount -= refund.Amount;
        order.Fire(OrderTrigger.RefundFails);
        outbox.Add(new BillingRefundFailed(
            refund.Id, refund.PaymentId, refund.OrderId, refund.UserId, refund.Amount, refund.Currency,
            refund.Failure ?? "The provider does not say why.", clock.GetUtcNow()));
        await invoicing.ReverseAsync(refund, clock.GetUtcNow(), ct);
    }

    /// <summary>What a provider tells of a refund, ours or one that somebody made there by hand.</summary>
    /// <exception cref="CallbackException">It does not fit to ours.</exception>
    public async Task<CallbackOutcome> ApplyAsync(string provider, RefundNotice notice, CancellationToken ct)
    {
        var payment = await db.Payments.AsNoTracking()
            .FirstOrDefaultAsync(p => p.Provider == provider && p.Capture == notice.Capture, ct);
        if (payment is null)
            return CallbackOutcome.Ignored; // of money that did not come through here
        var outcome = await db.InTransactionAsync(async () =>
        {
            var order = await db.TakeTurnAsync(payment.OrderId, ct);
            var refund = await db.Refunds.SingleOrDefaultAsync(
                r => r.PaymentId == payment.Id && (r.Id == notice.RefundId || r.Reference == notice.Reference), ct);
            if (refund is null && notice is { State: RefundState.Done })
                refund = Found(payment, notice);
            if (refund is null)
                return CallbackOutcome.Ignored;
            if (refund.Amount != notice.Amount || !refund.Currency.Equals(
                notice.Currency, StringComparison.OrdinalIgnoreCase))
                throw new CallbackException("wrong-amount", "The refund is of another amount.");
            var trigger = refund.ActorId is null && notice.State == RefundState.Done
                ? RefundTrigger.FoundPaidBack : Trigger(notice.State);
            var isNew = await ApplyAsync(order, refund, trigger, notice.Reference, notice.Reason, ct);
            if (refund.Status == RefundStatus.Releasing)
                db.PutDue(refund, clock.GetUtcNow());
            await db.SaveChangesAsync(ct);
            return isNew ? CallbackOutcome.Applied : CallbackOutcome.Duplicate;
        }, ct);
        signals.Of<Refund>().Wake(); // what the provider did not do is released
        return outcome;
    }

    Refund Found(Payment payment, RefundNotice notice)
    {
        var refund = new Refund
        {
            Id = Guid.CreateVersion7(clock.GetUtcNow()), OrderId = payment.OrderId, PaymentId = payment.Id,
            UserId = payment.UserId, Amount = notice.Amount, Currency = payment.Currency,
            Reason = $"paid back at {payment.Provider}", CreatedAt = clock.GetUtcNow(),
        };
        db.Add(refund);
        return refund;
    }
}
