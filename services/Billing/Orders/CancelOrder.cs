using CloudPhone.Billing.Payments;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Work;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Orders;

static class CancelOrder
{
    public static async Task<Results<Ok<OrderView>, ProblemHttpResult>> Handle(
        Guid id, CurrentUser user, BillingDb db, WorkSignals signals, TimeProvider clock, CancellationToken ct)
    {
        if (!await db.Orders.AnyAsync(o => o.Id == id && o.UserId == user.Id, ct))
            return Problems.NotFound("order");
        var order = await db.InTransactionAsync(async () =>
        {
            var order = await db.TakeTurnAsync(id, ct);
            if (!order.Fire(OrderTrigger.Cancel))
                return order;
            foreach (var payment in (await db.PaymentsOf(order, ct)).Where(p => p.Fire(PaymentTrigger.Cancel)))
                db.PutDue(payment, clock.GetUtcNow()); // its page is closed
            await db.SaveChangesAsync(ct);
            return order;
        }, ct);
        if (order.Status != OrderStatus.Cancelled)
            return Problems.Conflict("order-not-open", "This order can't be cancelled any more.");
        signals.Of<Payment>().Wake();
        return TypedResults.Ok((await db.ViewsAsync([order], ct))[0]);
    }
}
