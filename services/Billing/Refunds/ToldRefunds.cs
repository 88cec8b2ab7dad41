using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Payments;
using CloudPhone.Shared.Work;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Refunds;

/// <summary>
/// What a provider tells of refunds, ours and those that somebody made there by hand. It tells in any order: what is
/// later than its end changes nothing.
/// </summary>
sealed class ToldRefunds(
    BillingDb db, RefundChanges changes, PaymentProviders providers, WorkSignals signals, TimeProvider clock)
{
    /// <exception cref="CallbackException">It does not fit to ours.</exception>
    /// <exception cref="TooEarlyException">The payment was not told yet.</exception>
    /// <exception cref="ProviderAwayException">Whose money it is could not be asked.</exception>
    public async Task<CallbackOutcome> ApplyAsync(string provider, RefundNotice notice, CancellationToken ct)
    {
        var payment = await db.Payments.AsNoTracking()
            .FirstOrDefaultAsync(p => p.Provider == provider && p.Capture == notice.Capture, ct);
        if (payment is null)
            return await IsOursAsync(provider, notice, ct)
                ? throw new TooEarlyException() : CallbackOutcome.Ignored; // of money that did not come through here
        var outcome = await db.InTransactionAsync(() => ApplyAsync(payment, notice, ct), ct);
        signals.Of<Refund>().Wake(); // what the provider did not do is released
        return outcome;
    }

    async Task<bool> IsOursAsync(string provider, RefundNotice notice, CancellationToken ct) =>
        await providers.Find(provider)!.PaymentOfAsync(notice.Capture, ct) is { } paymentId
        && await db.Payments.AnyAsync(p => p.Id == paymentId && p.Provider == provider, ct);

    async Task<CallbackOutcome> ApplyAsync(Payment payment, RefundNotice notice, CancellationToken ct)
    {
        var order = await db.TakeTurnAsync(payment.OrderId, ct);
        var refund = await db.Refunds.SingleOrDefaultAsync(
            r => r.PaymentId == payment.Id && (r.Id == notice.RefundId || r.Reference == notice.Reference), ct);
        if (refund is null && notice.State == RefundState.UnderWay)
            return CallbackOutcome.Ignored; // by hand, and not at its end
        refund ??= Found(payment, notice);
        if (refund.Amount != notice.Amount || !refund.Currency.Equals(
            notice.Currency, StringComparison.OrdinalIgnoreCase))
            throw new CallbackException("wrong-amount", "The refund is of another amount.");
        refund.Reference ??= notice.Reference;
        var isNew = RefundStates.TriggerOf(notice.State, isByHand: refund.ActorId is null) is { } trigger
            && await changes.ApplyAsync(order, refund, trigger, notice.Reason, ct);
        if (refund.Status == RefundStatus.Releasing)
            db.PutDue(refund, clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
        return isNew ? CallbackOutcome.Applied : CallbackOutcome.Duplicate;
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
