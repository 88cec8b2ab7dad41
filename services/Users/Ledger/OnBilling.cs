using CloudPhone.Contracts;
using CloudPhone.Users.Quotas;

namespace CloudPhone.Users.Ledger;

/// <summary>
/// What billing tells of money. An entry stands for its cause, so doubled and reordered events end in the same balance.
/// Money that was paid or given back for an account that isn't there becomes a dead letter with that reason: an
/// operator finds out whose it is. A charge for such an account is only logged: it comes every minute, and nobody owes
/// it.
/// </summary>
sealed partial class OnBilling(LedgerBook book, PaidQuota quotas, ILogger<OnBilling> log)
{
    const string FailedAtProvider = "The payment provider could not pay it back.";

    /// <summary>Credits the payment; a plan's price goes off again at once, for its limits and its time.</summary>
    public async Task PaidAsync(BillingPaymentSuccess e, CancellationToken ct)
    {
        Money.Require(e.Amount > 0, e.Amount, e.Currency);
        var plan = PaidPlan.Of(e);
        if (await PostAsync(new(e.UserId, e.Amount, Reasons.Payment, e.PaymentId, e.PaymentId), ct) != Posted.Now)
            return;
        if (plan?.Price > 0)
            await PostAsync(new(e.UserId, -plan.Price, Reasons.Plan, e.PaymentId, e.PaymentId, plan.Code), ct);
        await quotas.ExtendAsync(e, plan, ct);
    }

    public async Task ChargedAsync(BillingUsageCharged e, CancellationToken ct)
    {
        Money.Require(true, e.Amount, e.Currency);
        if (e.Amount == 0)
            return;
        var (outcome, _) = await book.PostAsync(new(e.UserId, -e.Amount, Reasons.Usage, e.ChargeId), ct);
        if (outcome == Posted.UnknownUser)
            NobodyToCharge(log, e.ChargeId, e.Amount, e.DeviceId, e.UserId);
    }

    /// <summary>Mostly its entry is there: the amount was held before the money was given back. What was paid for a
    /// plan was spent on it, so it comes back from there and not from the balance.</summary>
    public async Task RefundedAsync(BillingPaymentRefunded e, CancellationToken ct)
    {
        Money.Require(e.Amount > 0, e.Amount, e.Currency);
        if (e.PlanCode is { } plan)
            await PostAsync(new(e.UserId, e.Amount, Reasons.PlanRefunded, e.RefundId, e.RefundId, plan), ct);
        var refund = new Posting(e.UserId, -e.Amount, Reasons.Refund, e.RefundId, e.RefundId);
        var posted = await PostAsync(refund, ct); // first: it says whether there is such an account
        if (e.PlanEndsAt is { } end)
            await quotas.EndAsync(e.UserId, e.PaymentId, end, ct);
        if (e.TopUpEndsAt is { } at && await book.FindAsync(Reasons.RefundReleased, e.RefundId, ct) is null)
            await quotas.TakeDaysAsync(e.UserId, e.PaymentId, at, ct);
        if (posted == Posted.Now)
            return;
        var held = await book.FindAsync(Reasons.Refund, e.RefundId, ct);
        if ((held!.UserId, held.Amount) != (refund.UserId, refund.Amount))
            throw new UnpostableException("this refund was held for another user or with another amount");
        if (await book.FindAsync(Reasons.RefundReleased, e.RefundId, ct) is { Note: not FailedAtProvider })
            throw new UnpostableException(
                "this refund was released before: adjust the balance if money was given back");
    }

    /// <summary>The refund was done, and failed after all: its entry and the one that takes it back are there in the
    /// end, whichever event comes first.</summary>
    public async Task RefundFailedAsync(BillingRefundFailed e, CancellationToken ct)
    {
        Money.Require(e.Amount > 0, e.Amount, e.Currency);
        await PostAsync(new(e.UserId, -e.Amount, Reasons.Refund, e.RefundId, e.RefundId), ct);
        await PostAsync(
            new(e.UserId, e.Amount, Reasons.RefundReleased, e.RefundId, e.RefundId, FailedAtProvider), ct);
        await quotas.GiveDaysAgainAsync(e.UserId, e.PaymentId, e.FailedAt, ct);
    }

    async Task<Posted> PostAsync(Posting p, CancellationToken ct)
    {
        var (outcome, _) = await book.PostAsync(p, ct);
        return outcome != Posted.UnknownUser ? outcome
            : throw new UnpostableException($"there is no account of user {p.UserId}");
    }

    [LoggerMessage(1, LogLevel.Error, "Charge {Charge} of {Amount} for device {Device} is nobody's: no user {User}")]
    static partial void NobodyToCharge(ILogger log, Guid charge, decimal amount, Guid device, Guid user);
}
