using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Payments;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Refunds;

/// <summary>
/// The steps of a refund. Each is asked of others first and then written down, in a turn of its order; what a process
/// that died had asked is asked again, and has no second effect.
/// </summary>
sealed class RefundSaga(
    BillingDb db, RefundChanges changes, PaymentProviders providers, Ledger ledger, TimeProvider clock)
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
        var outcome = await db.PlanOfAsync(refund, ct) is not null ? "held" : await ledger.HoldAsync(refund, ct);
        if (outcome == "held")
            await MoveAsync(refund, RefundTrigger.Hold, ct);
        else
            await MoveAsync(refund, RefundTrigger.RefuseHold, ct, failure: outcome == "insufficient"
                ? "The balance is smaller than the refund." : $"The ledger refused: {outcome}.");
    }

    /// <returns>False: the provider has it under way, and has told nothing else meanwhile.</returns>
    async Task<bool> PayBackAsync(Refund refund, CancellationToken ct)
    {
        var payment = await db.Payments.AsNoTracking().SingleAsync(p => p.Id == refund.PaymentId, ct);
        var provider = providers.Find(payment.Provider)
            ?? throw new ProviderAwayException(payment.Provider); // its settings are missing at the moment
        var answer = await provider.RefundAsync(payment, refund, ct);
        await MoveAsync(refund, RefundStates.TriggerOf(answer.State), ct, answer.Reference, answer.Reason);
        return refund.Status != RefundStatus.Held;
    }

    /// <param name="trigger">Null: it is where it was, with a reference perhaps.</param>
    Task MoveAsync(
        Refund refund, RefundTrigger? trigger, CancellationToken ct, string? reference = null,
        string? failure = null) =>
        db.InTransactionAsync(async () =>
        {
            var order = await db.TakeTurnAsync(refund.OrderId, ct);
            await db.Entry(refund).ReloadAsync(ct); // a callback may have been faster
            refund.Reference ??= reference;
            if (trigger is { } step)
                await changes.ApplyAsync(order, refund, step, failure, ct);
            await db.SaveChangesAsync(ct);
        }, ct);
}
