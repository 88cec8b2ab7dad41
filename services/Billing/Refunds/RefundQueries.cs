using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Refunds;

static class RefundQueries
{
    /// <summary>What went back of a payment, or is on its way.</summary>
    public static async Task<decimal> RefundedOf(this BillingDb db, Guid paymentId, CancellationToken ct) =>
        (await db.Refunds.Where(r => r.PaymentId == paymentId
            && r.Status != RefundStatus.Refused && r.Status != RefundStatus.Failed)
            .Select(r => r.Amount).ToListAsync(ct)).Sum();

    /// <summary>What a refund that failed after all gave back is in the balance: from then on the payment is as one for
    /// the balance.</summary>
    /// <returns>Code of the plan that the payment was for; null: it was for the balance.</returns>
    public static Task<string?> PlanOfAsync(this BillingDb db, Refund refund, CancellationToken ct) =>
        (from p in db.Payments
         join o in db.Orders on p.OrderId equals o.Id
         where p.Id == refund.PaymentId && !p.AsTopUp && !db.Refunds.Any(r => r.PaymentId == p.Id
             && r.Status == RefundStatus.Failed && r.CreatedAt < refund.CreatedAt)
         select o.PlanCode).SingleOrDefaultAsync(ct);
}
