using static CloudPhone.Billing.Orders.OrderStatus;

namespace CloudPhone.Billing.Orders;

public enum OrderStatus { Pending, Paid, Cancelled, Expired, Refunded }

enum OrderTrigger
{
    Pay,
    /// <summary>The money comes though nobody waits for it any more: it is not lost.</summary>
    PayLate,
    Cancel,
    Expire,
    /// <summary>All that was paid went back.</summary>
    RefundAll,
    /// <summary>Some of that failed after all.</summary>
    RefundFails,
}

/// <summary>All changes of state that there are. What is not in it is refused.</summary>
static class OrderStates
{
    public static readonly IReadOnlyDictionary<(OrderStatus From, OrderTrigger Trigger), OrderStatus> Transitions =
        new Dictionary<(OrderStatus, OrderTrigger), OrderStatus>
        {
            [(Pending, OrderTrigger.Pay)] = Paid,
            [(Pending, OrderTrigger.Cancel)] = Cancelled,
            [(Pending, OrderTrigger.Expire)] = Expired,
            [(Cancelled, OrderTrigger.PayLate)] = Paid,
            [(Expired, OrderTrigger.PayLate)] = Paid,
            [(Refunded, OrderTrigger.PayLate)] = Paid,
            [(Paid, OrderTrigger.RefundAll)] = Refunded,
            [(Refunded, OrderTrigger.RefundFails)] = Paid,
        };
}
