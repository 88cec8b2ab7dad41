using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Orders;

static class OrderTurns
{
    /// <summary>
    /// The order, as it is now. Whoever changes an order, its payments or its refunds waits here for the others, in
    /// the transaction of the change.
    /// </summary>
    public static async Task<Order> TakeTurnAsync(this BillingDb db, Guid orderId, CancellationToken ct)
    {
        var row = db.Orders.Where(o => o.Id == orderId);
        await row.ExecuteUpdateAsync(s => s.SetProperty(o => o.Changes, o => o.Changes + 1), ct);
        var order = await row.SingleAsync(ct);
        await db.Entry(order).ReloadAsync(ct); // it may have been in memory from before the turn
        return order;
    }
}
