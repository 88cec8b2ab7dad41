using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Http;

namespace CloudPhone.Users.Ledger;

/// <summary>
/// One change of a user's balance. Never changed and never removed: a mistake is made good by another.
/// </summary>
public sealed class LedgerEntry : IEntity
{
    public const int MaxNote = 200;

    public Guid Id { get; init; }
    public Guid UserId { get; init; }

    /// <summary>Counts the entries of the account, from 1.</summary>
    public long Version { get; init; }

    /// <summary>CNY; negative for a debit.</summary>
    public decimal Amount { get; init; }

    /// <summary>Sum of this entry and all before it.</summary>
    public decimal BalanceAfter { get; init; }

    /// <summary>One of <see cref="Reasons"/>.</summary>
    [MaxLength(32)]
    public required string Reason { get; init; }

    /// <summary>What caused it: a payment, a charge, a refund, a request. Each has one entry for a reason.</summary>
    public Guid CauseId { get; init; }

    /// <summary>The payment or refund behind it, if any.</summary>
    public Guid? PaymentId { get; init; }

    [MaxLength(MaxNote)]
    public string? Note { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

static class Reasons
{
    public const string Payment = "payment";
    public const string Plan = "plan";
    /// <summary>A plan's price, or a part of it, that goes back: the refund takes it off at once.</summary>
    public const string PlanRefunded = "plan-refunded";
    public const string Usage = "usage";
    /// <summary>How a statement calls usage that gives back; the entry itself is usage as any other.</summary>
    public const string UsageCorrected = "usage-corrected";
    public const string Refund = "refund";
    public const string RefundReleased = "refund-released";
    public const string Adjustment = "adjustment";
}
