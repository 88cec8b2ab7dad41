using CloudPhone.Billing.Payments;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Work;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Orders;

static class PayOrder
{
    const int MaxTries = 10;

    /// <param name="provider">That of the last try unless given.</param>
    public static async Task<Results<Ok<OrderAnswer>, ProblemHttpResult>> Handle(
        Guid id, string? provider, CurrentUser user, BillingDb db, PaymentProviders providers, Checkout checkout,
        ResourceIds ids, WorkSignals signals, TimeProvider clock, CancellationToken ct)
    {
        if (provider is not null && providers.Find(provider) is null)
            return Problems.BadRequest("unknown-provider", $"Payment providers here: {providers.Names}.");
        if (!await db.Orders.AnyAsync(o => o.Id == id && o.UserId == user.Id, ct))
            return Problems.NotFound("order");
        var (order, payment, refused) = await db.InTransactionAsync(
            () => TakeAsync(id, provider, db, providers, checkout, ids, clock.GetUtcNow(), ct), ct);
        signals.Of<Payment>().Wake();
        refused ??= await checkout.OpenAsync(providers.Find(payment.Provider)!, order, payment, ct);
        return refused is not null ? refused : TypedResults.Ok(await PlaceOrder.AnswerAsync(db, payment.Id, ct));
    }
    /// <summary>The payment that is open, or another.</summary>
    static async Task<(Order, Payment, ProblemHttpResult?)> TakeAsync(
        Guid id, string? wanted, BillingDb db, PaymentProviders providers, Checkout checkout, ResourceIds ids,
        DateTimeOffset now, CancellationToken ct)
    {
        var order = await db.TakeTurnAsync(id, ct);
        var payments = await db.PaymentsOf(order, ct);
        var last = payments[^1];
        if (order.Status != OrderStatus.Pending || order.ExpiresAt <= now)
            return (order, last, Problems.Conflict("order-not-open", "This order can't be paid any more."));
        wanted ??= last.Provider;
        if (providers.Find(wanted) is not { } provider)
            return (order, last, Problems.Conflict("provider-gone", $"Payment providers here: {providers.Names}."));
        if (payments.Find(p => p.Status == PaymentStatus.Pending && p.ExpiresAt > now && p.Provider == wanted)
            is { } open)
            return (order, open, null);
        if (payments.Count >= MaxTries)
            return (order, last, Problems.Conflict(
                "too-many-payments", $"This order was tried {MaxTries} times; place another."));
        foreach (var other in payments.Where(p => p.Fire(PaymentTrigger.Cancel)))
            db.PutDue(other, now); // its page is closed
        var payment = checkout.New(order, provider, ids.New());
        db.Add(payment);
        await db.SaveChangesAsync(ct);
        return (order, payment, null);
    }
}
