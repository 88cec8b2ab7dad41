using CloudPhone.Billing.Orders;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Payments;

static class PaymentQueries
{
    /// <summary>The order's payments as they are now, the first first. It is this caller's turn.</summary>
    public static async Task<List<Payment>> PaymentsOf(this BillingDb db, Order order, CancellationToken ct)
    {
        foreach (var known in db.Payments.Local.Where(p => p.OrderId == order.Id).ToList())
            await db.Entry(known).ReloadAsync(ct); // from before the turn
        return await db.Payments.Where(p => p.OrderId == order.Id).OrderBy(p => p.CreatedAt).ToListAsync(ct);
    }
}
