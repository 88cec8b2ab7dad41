using CloudPhone.Billing.Orders;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Payments;

/// <summary>Begins payments: the row first, so that a callback may come before the provider's own answer.</summary>
sealed class Checkout(BillingDb db, TimeProvider clock)
{
    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    public Payment New(Order order, IPaymentProvider provider, Guid id)
    {
        var now = clock.GetUtcNow();
        var expires = now + Lifetime < order.ExpiresAt ? now + Lifetime : order.ExpiresAt;
        return new()
        {
            Id = id, OrderId = order.Id, UserId = order.UserId, Provider = provider.Name, Amount = order.Amount,
            Currency = order.Currency, CreatedAt = now, ExpiresAt = expires, NextAttemptAt = expires,
            RequestId = RequestId.Current, TraceParent = Cause.TraceParent,
        };
    }

    /// <summary>Lets the provider open its page, unless it has.</summary>
    /// <returns>What went wrong.</returns>
    public async Task<ProblemHttpResult?> OpenAsync(
        IPaymentProvider provider, Order order, Payment payment, CancellationToken ct)
    {
        if (payment.PayUrl is not null)
            return null;
        try
        {
            var title = order.PlanCode is { } plan ? $"CloudPhone {plan} × {order.Months}" : "CloudPhone";
            var started = await provider.StartAsync(payment, title, ct);
            await db.InTransactionAsync(() => Row(payment).ExecuteUpdateAsync(
                s => s.SetProperty(p => p.PayUrl, started.PayUrl).SetProperty(p => p.Reference, started.Reference),
                ct), ct);
            return null;
        }
        catch (ProviderAwayException e)
        {
            return Problems.Unavailable("payment-provider-away", e.Message);
        }
        catch (ProviderRefusedException e)
        {
            await FailAsync(payment, e.Message, ct);
            return Problems.Conflict("payment-refused", $"{provider.Name} does not take this payment: {e.Message}");
        }
    }

    IQueryable<Payment> Row(Payment payment) => db.Payments.Where(p => p.Id == payment.Id);

    Task FailAsync(Payment payment, string reason, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        await db.TakeTurnAsync(payment.OrderId, ct);
        var row = await Row(payment).SingleAsync(ct);
        await db.Entry(row).ReloadAsync(ct);
        if (!row.Fire(PaymentTrigger.Fail))
            return;
        row.Failure = reason.Length > 512 ? reason[..512] : reason;
        await db.SaveChangesAsync(ct);
    }, ct);
}
