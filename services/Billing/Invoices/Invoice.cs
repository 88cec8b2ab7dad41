using System.ComponentModel.DataAnnotations;
using CloudPhone.Billing.Plans;
using CloudPhone.Billing.Refunds;
using CloudPhone.Shared.Http;

namespace CloudPhone.Billing.Invoices;

public enum InvoiceKind
{
    Invoice,
    /// <summary>Takes back an invoice, whole or in part, for money that went back; its amount is negative.</summary>
    CreditNote,
    /// <summary>Takes back a credit note, for money that did not go back after all.</summary>
    Reversal,
}

public enum InvoicedItem
{
    /// <summary>A sum for the balance.</summary>
    TopUp,
    Plan,
}

/// <summary>
/// What was paid or paid back, as it was then: a row is never changed and never removed. All that its page shows is in
/// it, so that later changes of names and prices don't reach it.
/// </summary>
public sealed class Invoice : IEntity
{
    public const int MaxNameLength = 100;
    public const int MaxDetailsLength = 200;

    public Guid Id { get; init; }
    /// <summary>Without gaps within a month of UTC, like <c>INV-202611-000001</c>.</summary>
    [MaxLength(32)]
    public required string Number { get; init; }
    public InvoiceKind Kind { get; init; }
    public Guid UserId { get; init; }
    [MaxLength(MaxNameLength)]
    public required string BuyerName { get; init; }
    [MaxLength(MaxNameLength)]
    public required string SellerName { get; init; }
    [MaxLength(MaxDetailsLength)]
    public string? SellerDetails { get; init; }
    public decimal Amount { get; init; }
    [MaxLength(3)]
    public required string Currency { get; init; }
    public InvoicedItem Item { get; init; }
    [MaxLength(Plan.MaxNameLength)]
    public string? PlanName { get; init; }
    public int? Months { get; init; }
    public Guid OrderId { get; init; }
    public Guid PaymentId { get; init; }
    [MaxLength(32)]
    public required string Provider { get; init; }
    /// <summary>When the money came, or went back.</summary>
    public DateTimeOffset PaidAt { get; init; }
    /// <summary>The day of it, of UTC.</summary>
    public DateOnly Day { get; init; }
    public DateTimeOffset IssuedAt { get; init; }

    // of credit notes and reversals

    public Guid? RefundId { get; init; }
    /// <summary>The invoice, or the credit note, that it takes back.</summary>
    public Guid? CorrectsId { get; init; }
    /// <inheritdoc cref="CorrectsId"/>
    [MaxLength(32)]
    public string? CorrectsNumber { get; init; }
    [MaxLength(Refund.MaxReasonLength)]
    public string? Reason { get; init; }
}

/// <summary>The last number of a month. Its lock lets the invoices of a month take turns.</summary>
public sealed class InvoiceMonth
{
    /// <summary>Of UTC, like <c>202611</c>.</summary>
    [MaxLength(6)]
    public required string Month { get; init; }
    public int Last { get; set; }
}
