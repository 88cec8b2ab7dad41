namespace CloudPhone.Billing.Payments.Stripe;

/// <summary>Our ids, kept as metadata with what Stripe has: its events bring them back.</summary>
static class StripeIds
{
    public const string PaymentId = "cloudphone_payment";
    public const string OrderId = "cloudphone_order";
    public const string RefundId = "cloudphone_refund";

    public static Dictionary<string, string> Of(Payment payment) => new()
    {
        [PaymentId] = payment.Id.ToString(), [OrderId] = payment.OrderId.ToString(),
    };

    public static Guid? Read(IReadOnlyDictionary<string, string>? metadata, string name) =>
        Guid.TryParse(metadata?.GetValueOrDefault(name), out var id) ? id : null;
}
