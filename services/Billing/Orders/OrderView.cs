using CloudPhone.Billing.Payments;
using CloudPhone.Billing.Refunds;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Orders;

/// <param name="PlanCode">Null: the sum is for the balance alone. That of an order of a plan is as well, once it was
/// paid too late for the plan, or a refund that ended the plan has failed.</param>
/// <param name="RefundedAmount">What went back.</param>
/// <param name="Payments">Each try to pay it, the first first.</param>
public sealed record OrderView(
    Guid Id, Guid UserId, decimal Amount, string Currency, OrderStatus Status, Guid? PlanId, string? PlanCode,
    int? Months, decimal RefundedAmount, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? PaidAt,
    IReadOnlyList<PaymentView> Payments, IReadOnlyList<RefundView> Refunds);

/// <param name="PayUrl">Where it is paid; null once it is over.</param>
/// <param name="AsTopUp">It is for the balance, whatever was ordered.</param>
/// <param name="Failure">Why it failed.</param>
/// <param name="Trouble">Why it is not known what became of it.</param>
public sealed record PaymentView(
    Guid Id, string Provider, decimal Amount, PaymentStatus Status, string? PayUrl, bool AsTopUp, string? Failure,
    DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? PaidAt, string? Trouble = null)
{
    internal static PaymentView Of(Payment p) => new(
        p.Id, p.Provider, p.Amount, p.Status, p.Status == PaymentStatus.Pending ? p.PayUrl : null, p.AsTopUp,
        p.Failure, p.CreatedAt, p.ExpiresAt, p.PaidAt, p.Trouble);
}

static class OrderViews
{
    public static async Task<List<OrderView>> ViewsAsync(
        this BillingDb db, IReadOnlyList<Order> orders, CancellationToken ct)
    {
        var ids = orders.Select(o => o.Id).ToList();
        var payments = (await db.Payments.AsNoTracking().Where(p => ids.Contains(p.OrderId))
            .OrderBy(p => p.CreatedAt)
            .ToListAsync(ct)).ToLookup(p => p.OrderId, PaymentView.Of);
        var refunds = (await db.Refunds.AsNoTracking().Where(r => ids.Contains(r.OrderId))
            .OrderBy(r => r.CreatedAt)
            .ToListAsync(ct)).ToLookup(r => r.OrderId, RefundView.Of);
        return [.. orders.Select(o => View(o, [.. payments[o.Id]], [.. refunds[o.Id]]))];
    }

    static OrderView View(Order o, List<PaymentView> payments, List<RefundView> refunds)
    {
        var asTopUp = payments.Find(p => p.Id == o.PaymentId)?.AsTopUp == true;
        return new(
            o.Id, o.UserId, o.Amount, o.Currency, o.Status, asTopUp ? null : o.PlanId, asTopUp ? null : o.PlanCode,
            asTopUp ? null : o.Months, o.RefundedAmount, o.CreatedAt, o.ExpiresAt, o.PaidAt, payments, refunds);
    }
}
