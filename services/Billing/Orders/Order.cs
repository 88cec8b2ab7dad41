using System.ComponentModel.DataAnnotations;
using CloudPhone.Billing.Invoices;
using CloudPhone.Billing.Plans;
using CloudPhone.Shared.Work;

namespace CloudPhone.Billing.Orders;

/// <summary>
/// What a user wants to pay: a sum for the balance, or months of a plan. As a row of work it is due when it expires.
/// </summary>
public sealed class Order : DueRow
{
    public Guid UserId { get; init; }
    /// <summary>Who ordered, by the name of that time: invoices show it. Null: not known.</summary>
    [MaxLength(Invoice.MaxNameLength)]
    public string? BuyerName { get; init; }
    public OrderStatus Status { get; private set; }
    /// <summary>To the cent.</summary>
    public decimal Amount { get; init; }
    [MaxLength(3)]
    public required string Currency { get; init; }
    /// <summary>Null: the sum is for the balance alone.</summary>
    public Guid? PlanId { get; init; }
    [MaxLength(Plan.MaxCodeLength)]
    public string? PlanCode { get; init; }
    public int? Months { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? PaidAt { get; set; }
    /// <summary>The payment that paid it; another one may have brought money as well.</summary>
    public Guid? PaymentId { get; set; }
    /// <summary>What went back, of all its payments.</summary>
    public decimal RefundedAmount { get; set; }
    /// <summary>Counts the turns: see <see cref="OrderTurns"/>.</summary>
    public long Changes { get; set; }

    /// <returns>False, with nothing changed, where its state does not allow it.</returns>
    internal bool Fire(OrderTrigger trigger)
    {
        if (!OrderStates.Transitions.TryGetValue((Status, trigger), out var to))
            return false;
        Status = to;
        return true;
    }
}
