using CloudPhone.Billing.Refunds;

namespace CloudPhone.Billing.Payments;

/// <summary>Who takes users' money. Every call bears repetition: ids of ours are its idempotency keys.</summary>
interface IPaymentProvider
{
    /// <summary>In paths and rows: a short word that never changes.</summary>
    string Name { get; }

    /// <summary>Opens the page where the payment is made.</summary>
    /// <param name="title">What the user sees there.</param>
    /// <exception cref="ProviderRefusedException">It does not take this payment.</exception>
    /// <exception cref="ProviderAwayException">It may, later.</exception>
    Task<StartedPayment> StartAsync(Payment payment, string title, CancellationToken ct);

    /// <summary>Reads a callback after checking that it is the provider's own, and fresh.</summary>
    /// <param name="body">As it came, byte for byte.</param>
    /// <returns>Null: of a kind that means nothing here.</returns>
    /// <exception cref="CallbackException">It is not.</exception>
    ProviderNotice? Read(ReadOnlySpan<byte> body, IHeaderDictionary headers, DateTimeOffset now);

    /// <summary>Closes the page, and tells what became of the payment: a callback may have been lost.</summary>
    /// <exception cref="ProviderAwayException">Try again later.</exception>
    Task<ClosedPayment> CloseAsync(Payment payment, CancellationToken ct);

    /// <summary>Pays back, or asks what became of a refund that it has under way.</summary>
    /// <exception cref="ProviderAwayException">Try again later.</exception>
    Task<RefundAnswer> RefundAsync(Payment payment, Refund refund, CancellationToken ct);

    /// <param name="capture">The provider's id of the money.</param>
    /// <returns>The payment that it was asked for; null: others may share the account.</returns>
    /// <exception cref="ProviderAwayException">Ask again later.</exception>
    Task<Guid?> PaymentOfAsync(string capture, CancellationToken ct);
}

/// <param name="Reference">The provider's id of the page.</param>
sealed record StartedPayment(string PayUrl, string Reference);

/// <param name="IsFinal">False: the provider itself does not know yet.</param>
/// <param name="Paid">Null: nothing was paid.</param>
sealed record ClosedPayment(bool IsFinal, PaymentNotice? Paid = null);

enum RefundState { Done, UnderWay, Refused }

/// <param name="Reference">The provider's id of the refund; null: it made none.</param>
/// <param name="Reason">Why it was refused.</param>
sealed record RefundAnswer(RefundState State, string? Reference, string? Reason = null);

/// <summary>What a provider tells by a callback, in our words.</summary>
abstract record ProviderNotice(string EventId, string Type);

enum PaymentFact { Succeeded, Failed, Expired }

/// <param name="Reference">The provider's id of the page.</param>
/// <param name="Capture">The provider's id of the money.</param>
sealed record PaymentNotice(
    string EventId, string Type, PaymentFact Fact, Guid PaymentId, Guid OrderId, decimal Amount, string Currency,
    string? Reference = null, string? Capture = null, string? Reason = null) : ProviderNotice(EventId, Type);

/// <param name="RefundId">Ours; null: somebody paid back at the provider itself.</param>
sealed record RefundNotice(
    string EventId, string Type, Guid? RefundId, string Reference, string Capture, RefundState State, decimal Amount,
    string Currency, string? Reason = null) : ProviderNotice(EventId, Type);

/// <summary>A callback that changes nothing.</summary>
/// <param name="type">Of the problem that answers it.</param>
sealed class CallbackException(string type, string detail) : Exception(detail)
{
    public string Type => type;
}

/// <summary>A callback of what was not told yet: the provider repeats it.</summary>
sealed class TooEarlyException() : Exception("The payment that this is about was not told yet: tell it again.");

sealed class ProviderRefusedException(string reason) : Exception(reason);

sealed class ProviderAwayException(string provider, Exception? inner = null)
    : Exception($"The payment provider {provider} can't be reached at the moment.", inner);
