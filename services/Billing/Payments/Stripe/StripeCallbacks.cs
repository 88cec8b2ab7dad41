using System.Text;
using System.Text.Json;
using Stripe;
using Stripe.Checkout;

namespace CloudPhone.Billing.Payments.Stripe;

/// <summary>Reads Stripe's webhooks by its own library, which checks their signature and age.</summary>
static class StripeCallbacks
{
    const int MaxAgeSeconds = 300;

    /// <exception cref="CallbackException">It is not Stripe's, too old, or no event.</exception>
    public static ProviderNotice? Read(ReadOnlySpan<byte> body, string signature, string secret, DateTimeOffset now)
    {
        try
        {
            var e = EventUtility.ConstructEvent(
                Encoding.UTF8.GetString(body), signature, secret, MaxAgeSeconds, now.ToUnixTimeSeconds(),
                throwOnApiVersionMismatch: false);
            return Of(e);
        }
        catch (StripeException)
        {
            throw new CallbackException(
                "bad-signature", "Stripe-Signature does not fit to the body, or is older than 5 minutes.");
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException
            or NullReferenceException or FormatException or KeyNotFoundException or InvalidCastException)
        {
            throw new CallbackException("bad-callback", "The body is no event of Stripe.");
        }
    }

    static ProviderNotice? Of(Event e) => (e.Type, e.Data?.Object) switch
    {
        // paid later, by bank transfer or the like: another event will tell
        (EventTypes.CheckoutSessionCompleted, Session { PaymentStatus: not "paid" }) => null,
        (EventTypes.CheckoutSessionCompleted or EventTypes.CheckoutSessionAsyncPaymentSucceeded, Session s) =>
            Of(s, PaymentFact.Succeeded, e.Id, e.Type),
        (EventTypes.CheckoutSessionAsyncPaymentFailed, Session s) => Of(s, PaymentFact.Failed, e.Id, e.Type),
        (EventTypes.CheckoutSessionExpired, Session s) => Of(s, PaymentFact.Expired, e.Id, e.Type),
        (EventTypes.RefundCreated or EventTypes.RefundUpdated or EventTypes.RefundFailed
            or EventTypes.ChargeRefundUpdated, global::Stripe.Refund r) when r.PaymentIntentId is not null =>
            new RefundNotice(
                e.Id, e.Type, StripeIds.Read(r.Metadata, StripeIds.RefundId), r.Id, r.PaymentIntentId, StateOf(r),
                Money.FromMinor(r.Amount, r.Currency), r.Currency, r.FailureReason),
        _ => null, // charge.refunded too: it tells only the sum, and each refund has its own event
    };

    /// <returns>Null: the session is not of this platform; others may share the account.</returns>
    public static PaymentNotice? Of(Session s, PaymentFact fact, string eventId, string type) =>
        StripeIds.Read(s.Metadata, StripeIds.PaymentId) is { } paymentId
            && Guid.TryParse(s.ClientReferenceId, out var orderId)
            ? new(eventId, type, fact, paymentId, orderId, Money.FromMinor(s.AmountTotal ?? 0, s.Currency), s.Currency,
                s.Id, s.PaymentIntentId, fact == PaymentFact.Failed ? "The payment failed at Stripe." : null)
            : null;

    public static RefundState StateOf(global::Stripe.Refund r) => r.Status switch
    {
        "succeeded" => RefundState.Done,
        "failed" or "canceled" => RefundState.Refused,
        _ => RefundState.UnderWay,
    };
}
