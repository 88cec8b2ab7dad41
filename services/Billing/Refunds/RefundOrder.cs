using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Payments;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Refunds;

/// <param name="Amount">All that is left unless given.</param>
/// <param name="PaymentId">The payment that paid the order unless given: a second one can be paid back, too.</param>
public sealed record NewRefund(string Reason, decimal? Amount = null, Guid? PaymentId = null);

/// <param name="Failure">Why it came to nothing.</param>
public sealed record RefundView(
    Guid Id, Guid OrderId, Guid PaymentId, decimal Amount, string Currency, RefundStatus Status, string Reason,
    string? Failure, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt)
{
    internal static RefundView Of(Refund r) => new(
        r.Id, r.OrderId, r.PaymentId, r.Amount, r.Currency, r.Status, r.Reason, r.Failure, r.CreatedAt, r.CompletedAt);
}

static class RefundOrder
{
    public static async Task<Results<Accepted<RefundView>, ProblemHttpResult>> Handle(
        Guid id, NewRefund request, CurrentUser user, BillingDb db, ResourceIds ids, TimeProvider clock,
        CancellationToken ct)
    {
        if (Check(request) is { } wrong)
            return Problems.BadRequest("bad-request", wrong);
        if (!await db.Orders.AnyAsync(o => o.Id == id, ct))
            return Problems.NotFound("order");
        var (refund, problem) = await db.InTransactionAsync(
            () => AddAsync(db, id, request, user.Id, ids.New(), clock.GetUtcNow(), ct), ct);
        return problem is not null ? problem
            : TypedResults.Accepted($"/api/billing/orders/{id}", RefundView.Of(refund!));
    }

    static string? Check(NewRefund request) =>
        string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > Refund.MaxReasonLength
            || request.Reason.Any(char.IsControl)
            ? $"reason has 1 to {Refund.MaxReasonLength} characters, none of them a control character."
        : request.Amount is { } amount ? Money.Check(amount)
        : null;

    /// <summary>It is this order's turn, so that all refunds together never exceed what was paid.</summary>
    static async Task<(Refund?, ProblemHttpResult?)> AddAsync(
        BillingDb db, Guid orderId, NewRefund request, Guid actorId, Guid id, DateTimeOffset now, CancellationToken ct)
    {
        var order = await db.TakeTurnAsync(orderId, ct);
        if (await db.Refunds.SingleOrDefaultAsync(r => r.Id == id, ct) is { } first)
            return (first, null); // of a run that died before its answer
        var paymentId = request.PaymentId ?? order.PaymentId;
        if ((await db.PaymentsOf(order, ct)).Find(p => p.Id == paymentId) is not { } payment
            || payment.Status != PaymentStatus.Succeeded)
            return (null, Problems.Conflict("not-paid", "Nothing was paid that could go back."));
        var left = payment.Amount - await db.RefundedOf(payment.Id, ct);
        var amount = request.Amount ?? left;
        if (amount > left || left <= 0)
            return (null, Problems.Conflict("more-than-paid", $"{left:0.00} {payment.Currency} can go back at most."));
        var refund = new Refund
        {
            Id = id, OrderId = orderId, PaymentId = payment.Id, UserId = order.UserId, Amount = amount,
            Currency = payment.Currency, Reason = request.Reason, ActorId = actorId, CreatedAt = now,
            NextAttemptAt = now, RequestId = RequestId.Current, TraceParent = Cause.TraceParent,
        };
        db.Add(refund);
        await db.SaveChangesAsync(ct);
        return (refund, null);
    }
}
