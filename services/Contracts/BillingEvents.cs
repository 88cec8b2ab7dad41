namespace CloudPhone.Contracts;

// Published by the billing service. Amounts are in Currency, which is CNY.

/// <summary>A payment was verified.</summary>
/// <param name="Provider">The payment provider's name.</param>
/// <param name="QuotaDays">Days by which the quota's validity grows; 0: not at all.</param>
/// <param name="PlanCode">The plan that it pays for; null for a plain top-up. With it come all that follow.</param>
/// <param name="PlanMonths">For how many months of 30 days.</param>
/// <param name="PlanPrice">CNY for all the months: debited when the payment is credited.</param>
/// <param name="MaxDevices">The plan's limits, those of the quota while the plan is in force.</param>
public sealed record BillingPaymentSuccess(
    Guid PaymentId, Guid OrderId, Guid UserId, decimal Amount, string Currency, string Provider, int QuotaDays,
    DateTimeOffset PaidAt, string? PlanCode = null, int? PlanMonths = null, decimal? PlanPrice = null,
    int? MaxDevices = null, int? TotalCpuCores = null, int? TotalMemoryGB = null) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "billing.payment_success";
}

/// <summary>A payment was given back, whole or in part.</summary>
/// <param name="Amount">What was given back.</param>
/// <param name="PlanCode">The plan that it was paid for, whose price goes back; null: it was for the balance.</param>
/// <param name="PlanEndsAt">All of a plan's price went back, which ends it; null: it goes on.</param>
/// <param name="TopUpEndsAt">All of a top-up went back, and with it the days by which it let the quota's validity grow;
/// null: they stay.</param>
public sealed record BillingPaymentRefunded(
    Guid RefundId, Guid PaymentId, Guid OrderId, Guid UserId, decimal Amount, string Currency, string Reason,
    DateTimeOffset RefundedAt, string? PlanCode = null, DateTimeOffset? PlanEndsAt = null,
    DateTimeOffset? TopUpEndsAt = null) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "billing.payment_refunded";
}

/// <summary>
/// The provider had said that a refund was done, and now says that it failed: the money is the platform's again, and
/// goes into the user's balance. It may come before the event that it contradicts.
/// </summary>
/// <param name="Reason">The provider's.</param>
public sealed record BillingRefundFailed(
    Guid RefundId, Guid PaymentId, Guid OrderId, Guid UserId, decimal Amount, string Currency, string Reason,
    DateTimeOffset FailedAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "billing.refund_failed";
}

/// <summary>There is an invoice, a credit note or the reversal of one.</summary>
/// <param name="Number">Gap-free, like <c>INV-202611-000001</c>.</param>
/// <param name="Amount">Negative on a credit note.</param>
/// <param name="Kind"><c>credit-note</c> for money that went back, <c>credit-note-reversal</c> where it did not reach
/// anybody; null: an invoice.</param>
/// <param name="CorrectsNumber">Of the invoice that a credit note takes back, whole or in part, or of the credit note
/// that a reversal does.</param>
public sealed record BillingInvoiceGenerated(
    Guid InvoiceId, string Number, Guid UserId, decimal Amount, string Currency, DateTimeOffset GeneratedAt,
    Guid? PaymentId = null, string? Kind = null, string? CorrectsNumber = null) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "billing.invoice_generated";
}

/// <summary>
/// Usage between two instants was charged; the user service debits it once. Intervals of one usage record follow each
/// other without a gap. A correction of what was charged before is part of the next one, so amount and seconds may be
/// negative; where nothing follows, the interval is empty.
/// </summary>
/// <param name="Amount">0 where the user's plan includes all of it.</param>
/// <param name="Seconds">Metered seconds in the interval.</param>
/// <param name="IncludedSeconds">Those of them that the user's plan includes; null: none.</param>
public sealed record BillingUsageCharged(
    Guid ChargeId, Guid UsageId, Guid DeviceId, Guid UserId, decimal Amount, string Currency, long Seconds,
    DateTimeOffset From, DateTimeOffset To, long? IncludedSeconds = null) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "billing.usage_charged";
}

/// <summary>The balance fell below the user's threshold; told once per crossing.</summary>
public sealed record BillingLowBalance(
    Guid UserId, decimal Balance, decimal Threshold, string Currency, DateTimeOffset DetectedAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "billing.low_balance";
}

/// <summary>The balance is used up and the grace period is over: the user's phones are stopped.</summary>
/// <param name="BalanceVersion">Of the balance that it was seen at: a later credit ends it.</param>
public sealed record BillingBalanceExhausted(
    Guid UserId, decimal Balance, string Currency, DateTimeOffset ExhaustedAt, long? BalanceVersion = null) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "billing.balance_exhausted";
}
