using CloudPhone.Shared.Http;

namespace CloudPhone.Billing.Plans;

/// <summary>
/// 30 days of a plan that was paid, with the hours they include; what is left at their end is gone. One user's never
/// overlap: what is paid while another runs begins where that ends. What is refunded ends then, and is shorter.
/// </summary>
public sealed class Subscription : IEntity
{
    public Guid Id { get; init; }
    public Guid UserId { get; init; }
    public Guid PlanId { get; init; }
    /// <summary>The order that was paid; an order of several months has several rows.</summary>
    public Guid OrderId { get; init; }
    /// <summary>From 1, within the order.</summary>
    public int Month { get; init; }
    public DateTimeOffset From { get; set; }
    /// <summary>Not included.</summary>
    public DateTimeOffset Until { get; set; }
    public long IncludedSeconds { get; init; }
    /// <summary>Of the included ones.</summary>
    public long UsedSeconds { get; set; }
}

/// <summary>One row per user who ever paid a plan: its update lets that user's payments take turns.</summary>
public sealed class Subscriber
{
    public Guid UserId { get; init; }
    /// <summary>End of the last subscription.</summary>
    public DateTimeOffset Until { get; set; }
    public long Changes { get; set; }
}
